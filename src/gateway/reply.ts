/** Header fields as name, value, name, value, …: the form `writeHead` takes without rebuilding. */
export type HeaderPairs = readonly string[]

/** What an answer is made from. `json` is not serialized yet; `bytes` goes out as it is. */
export type ReplyBody =
  | { readonly kind: 'json'; readonly value: unknown; readonly contentType: string }
  | { readonly kind: 'bytes'; readonly value: Buffer; readonly contentType: string }
  | { readonly kind: 'empty' }

/** An answer. Replies are shared (a cached one goes to many callers), hence immutable. */
export type Reply = {
  readonly status: number
  readonly headers: HeaderPairs
  readonly body: ReplyBody
  /** What a handler knows about how long its answer holds. */
  readonly freshness?: Freshness
}

export type Freshness = {
  /** Not to be kept past this instant, epoch ms: a price that changes at midnight. */
  readonly validUntil?: number
  /** What the answer was made from, by the names under which it is told to have changed (RFC 9875). */
  readonly groups?: readonly string[]
  /** Already stale when it was made: kept briefly at most. */
  readonly stale?: boolean
  /** The same answer as it must read at a later instant, epoch ms: its age and staleness have moved on. */
  restamp?(now: number): unknown
}

export const EMPTY: ReplyBody = { kind: 'empty' }

export const jsonReply = (status: number, value: unknown, freshness?: Freshness): Reply => ({
  status,
  headers: [],
  body: { kind: 'json', value, contentType: 'application/json' },
  ...(freshness && { freshness }),
})
