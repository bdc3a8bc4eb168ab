/** When an ERP said something. */
export type Moment = {
  /** When it was asked, epoch ms. */
  readonly askedAt: number
  /** Every change up to this sequence number is in it, where the ERP has one. */
  readonly erpSeq?: bigint | undefined
}

/** What an ERP said of one key. */
export type Known<V> = Moment & { readonly value: V }

/**
 * What ERPs said to any of the processes. Nothing of it throws: without it a process knows what it has asked
 * itself, and may ask for anything.
 */
export interface SharedKnowledge<V> {
  /** What is known of the keys. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Known<V>>>
  /** Keeps what is newer than what is there, and gives up the claims to the keys. */
  write(entries: ReadonlyMap<string, Known<V>>): void
  /** @returns the keys that this process may ask for: nobody else will, for a moment */
  claim(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** Gives up claims: the ERP could not be asked. */
  release(keys: readonly string[]): void
}
