type Entry<T> = { readonly value: Promise<T>; readonly until: number }

/**
 * A value that many calls need and that is fetched once for all of them: a session, a table of ids.
 * A fetch that fails is forgotten, so that the next call tries again.
 */
export class Shared<T> {
  readonly #fetch: () => Promise<T>
  readonly #now: () => number
  readonly #ttlMs: number
  #current: Entry<T> | undefined

  /**
   * @param fetch serves several callers, so it must not end with any one of them
   * @param now   the monotonic clock, ms
   */
  constructor(fetch: () => Promise<T>, now: () => number, ttlMs = Number.POSITIVE_INFINITY) {
    this.#fetch = fetch
    this.#now = now
    this.#ttlMs = ttlMs
  }

  /** @throws what the fetch throws, or the signal's reason when the caller gave up first */
  get(signal: AbortSignal): Promise<T> {
    const { value } =
      this.#current && this.#now() < this.#current.until ? this.#current : this.#start()
    return orAbort(value, signal)
  }

  /** The value where there is one; never fetches. */
  async peek(): Promise<T | undefined> {
    return this.#current?.value.catch(() => undefined)
  }

  /** Forgets the value, unless another has taken its place since. */
  async drop(value: T): Promise<void> {
    const entry = this.#current
    if ((await entry?.value.catch(() => undefined)) !== value) return
    if (this.#current === entry) this.#current = undefined
  }

  #start(): Entry<T> {
    const entry = { value: this.#fetch(), until: this.#now() + this.#ttlMs }
    this.#current = entry
    entry.value.catch(() => {
      if (this.#current === entry) this.#current = undefined
    })
    return entry
  }
}

function orAbort<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
