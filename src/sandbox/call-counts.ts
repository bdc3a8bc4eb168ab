/** How often, and how many at the same time, the ERP was called since the last reset. */
export class CallCounts {
  #byCall: Record<string, number> = {}
  #total = 0
  #inFlight = 0
  #peak = 0

  /** @returns what to call when the call is over, however it ended */
  enter(name: string): () => void {
    this.#byCall[name] = (this.#byCall[name] ?? 0) + 1
    this.#total++
    this.#inFlight++
    this.#peak = Math.max(this.#peak, this.#inFlight)
    return () => {
      this.#inFlight--
    }
  }

  get figures() {
    return {
      total: this.#total,
      byCall: { ...this.#byCall },
      peakConcurrency: this.#peak,
    }
  }

  /** Calls that are still in flight count towards the new peak. */
  reset(): void {
    this.#byCall = {}
    this.#total = 0
    this.#peak = this.#inFlight
  }
}
