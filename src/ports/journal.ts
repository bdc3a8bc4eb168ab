import type { JournalEntry } from '../model/journal.ts'

/** Books by double entry, within one transaction. */
export interface Journal {
  /**
   * Posts an entry, once for its cause, kind and book.
   *
   * @returns false when it is posted already
   * @throws RangeError when it does not balance, or has no lines
   */
  post(entry: Omit<JournalEntry, 'id'>): Promise<boolean>
  entriesOf(cause: JournalEntry['causedBy']): Promise<readonly JournalEntry[]>
  /** Reads through everything: what does not balance, and what each account comes to. */
  verify(): Promise<JournalReport>
}

export type JournalReport = {
  readonly entries: number
  /** Entries whose debits are not their credits. */
  readonly unbalanced: readonly string[]
  /** Entries without lines. */
  readonly empty: readonly string[]
  readonly balances: readonly {
    readonly book: string
    readonly currency: string
    readonly account: string
    /** Debits less credits, in the minor unit. */
    readonly balanceMinor: bigint
  }[]
}
