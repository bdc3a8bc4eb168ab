/** A stock level (with a plant) or a material's prices (without) that changed. */
export type ChangedKey = { readonly matnr: string; readonly werks?: string }

/** An order that was made or moved on. */
export type ChangedOrder = { readonly number: string; readonly reference: string }

/** What one sequence number changed. */
export type LogEntry = {
  readonly seq: number
  /** Epoch ms. */
  readonly at: number
  readonly keys: readonly ChangedKey[]
  readonly orders?: readonly ChangedOrder[]
}

/** Enough for days of a sandbox, and a few megabytes at most. */
const KEPT_ENTRIES = 20_000

/** What changed, in order, as far back as it is kept. */
export class ChangeLog {
  #entries: LogEntry[] = []
  /** Changes up to here are no longer listed. */
  #floor: number

  constructor(floor: number, entries: readonly LogEntry[]) {
    this.#floor = floor
    this.#entries = [...entries]
  }

  get floor(): number {
    return this.#floor
  }

  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  add(entry: LogEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length <= KEPT_ENTRIES * 2) return
    this.#floor = this.#entries[KEPT_ENTRIES - 1]?.seq ?? this.#floor
    this.#entries = this.#entries.slice(KEPT_ENTRIES)
  }

  /**
   * @param limit stops after the entry that reaches so many keys: an entry is never split
   * @returns undefined when changes after `after` may be missing
   */
  after(after: number, limit: number): { entries: readonly LogEntry[]; more: boolean } | undefined {
    if (after < this.#floor) return undefined
    let start = this.#entries.length
    while (start > 0 && (this.#entries[start - 1]?.seq ?? 0) > after) start--
    let end = start
    let keys = 0
    while (end < this.#entries.length && keys < limit) {
      const entry = this.#entries[end]
      keys += (entry?.keys.length ?? 0) + (entry?.orders?.length ?? 0)
      end++
    }
    return { entries: this.#entries.slice(start, end), more: end < this.#entries.length }
  }
}
