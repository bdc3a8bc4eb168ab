/**
 * Remembers what was verified, by the whole text of the header that carried it: looking it up costs no
 * hash of ours. Bounded by number and by length: when a generation is full it becomes the old one, and
 * what is not asked for again goes with it.
 */
export interface TokenMemory<T> {
  get(text: string): T | undefined
  set(text: string, value: T): void
  /** Entries held, in both generations. */
  readonly size: number
}

/** An RS256 token of ours has some 700 characters. */
const USUAL_LENGTH = 1024

/**
 * @param maxPerGeneration entries; at most twice as many are held
 * @param maxLengthPerGeneration characters of text; the longest tokens must not make it eight times larger
 */
export function createTokenMemory<T>(
  maxPerGeneration: number,
  maxLengthPerGeneration: number = maxPerGeneration * USUAL_LENGTH,
): TokenMemory<T> {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  let youngLength = 0

  const set = (text: string, value: T): void => {
    const full = young.size >= maxPerGeneration || youngLength >= maxLengthPerGeneration
    if (full && !young.has(text)) {
      old = young
      young = new Map()
      youngLength = 0
    }
    if (!young.has(text)) youngLength += text.length
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
