/** The answer to a call that must not be carried out twice, byte for byte. */
export type KeptAnswer = {
  readonly fingerprint: string
  readonly status: number
  readonly headers: readonly string[]
  readonly contentType: string
  readonly body: string
}

/** Whose key it is: another consumer's, or another operation's, is another key. */
export type IdempotencyKey = {
  readonly consumer: string
  readonly operation: string
  readonly key: string
}

export interface Idempotency {
  find(key: IdempotencyKey): Promise<KeptAnswer | undefined>
  /**
   * Keeps an answer in the transaction that makes its effect. A transaction that keeps one under the same
   * key is waited for.
   *
   * @returns false when one is kept already: the transaction must be given up
   */
  keep(key: IdempotencyKey, answer: KeptAnswer): Promise<boolean>
  /** Forgets answers that were kept before then, epoch ms, at most so many. @returns how many */
  forget(before: number, limit: number): Promise<number>
}
