import { TestClock } from './test-clock.ts'

/** A clock whose wall time somebody sets, forwards or backwards, while real time goes on as ever. */
export class HandSetClock extends TestClock {
  #offset = 0

  override now(): number {
    return super.now() + this.#offset
  }

  /** @param ms negative sets it back */
  setBy(ms: number): void {
    this.#offset += ms
  }
}
