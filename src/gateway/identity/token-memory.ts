/**
 * Remembers what was verified, by the whole text of the header that carried it. Bounded: when a
 * generation is full it becomes the old one, and what is not asked for again goes with it.
 */
export interface TokenMemory<T> {
  get(text: string): T | undefined
  set(text: string, value: T): void
  readonly size: number
}

/** @param maxPerGeneration entries; at most twice as many are held */
export function createTokenMemory<T>(maxPerGeneration: number): TokenMemory<T> {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  const set = (text: string, value: T): void => {
    if (young.size >= maxPerGeneration) {
      old = young
      young = new Map()
    }
    young.set(text, value)
  }
  return {
    get(text) {
      const found = young.get(text)
      if (found !== undefined) return found
      const aged = old.get(text)
      if (aged !== undefined) set(text, aged)
      return aged
    },
    set,
    get size() {
      return young.size + old.size
    },
  }
}
