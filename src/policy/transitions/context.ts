/** Calls of a version on its way out, by one consumer, in the days that count. */
export type Use = {
  readonly api: string
  readonly version: string
  readonly consumer: string
  readonly calls: number
}

/** What a change of policies is judged by besides the two sets. */
export type TransitionContext = {
  /** Epoch ms. */
  readonly now: number
  readonly usage: readonly Use[]
}
