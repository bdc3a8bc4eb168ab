import { createHash } from 'node:crypto'
import { jsonDigest } from '../../kernel/canonical-json.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import type { CachePolicy } from '../../policy/policy-set.ts'
import { detach } from '../admit.ts'
import { type CacheOutcome, cacheFields, isNotModified } from '../cache-fields.ts'
import { groupsField } from '../cache-groups.ts'
import type { Admitted, Handler } from '../exchange.ts'
import { EMPTY, type HeaderPairs, type Reply } from '../reply.ts'
import type { CachedAnswer, ResponseCache } from '../response-cache.ts'
import { verdict } from '../trail.ts'

export type CachedSettings = {
  readonly policy: CachePolicy
  readonly operationId: string
  /** Stands for the policies that the answer is made from; see Plan.answerBasis. */
  readonly basis: string
  /** How long a refresh may take; it belongs to no single caller. */
  readonly timeoutMs: number
  readonly cache: ResponseCache
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  random(): number
  count(outcome: 'hit' | 'stale' | 'stale-if-error' | 'miss' | 'collapsed' | 'bypass'): void
}

/** "No ERP knows this" is believed for at most so long (negative answers). */
const NEGATIVE_TTL_MS = 10_000
/** An answer that was incomplete or stale when it was made is not kept longer than this. */
const POOR_ANSWER_TTL_MS = 1_000
/** After a failed refresh, callers are served what there is for so long before one tries again. */
const RETRY_PAUSE_MS = 1_000
/** A stale answer's age is written into its body at most so often. */
const RESTAMP_MS = 1_000

/**
 * Answers from memory while that is allowed: fresh; stale while one call refreshes; stale when the
 * refresh failed. Identical concurrent misses share one call of the operation.
 *
 * @see RFC 9111 (HTTP caching), RFC 5861 (stale-while-revalidate, stale-if-error)
 */
export function cached(
  settings: CachedSettings | undefined,
  next: Handler<Admitted>,
): Handler<Admitted> {
  if (!settings) return next
  const { policy, cache, clock, count } = settings
  const underWay = new Map<string, Promise<CachedAnswer>>()
  const verdicts = cacheVerdicts(policy.at)

  /** Calls the operation once for everybody who waits for `key`. */
  const refresh = (key: string, exchange: Admitted, readThrough = false): Promise<CachedAnswer> => {
    // What has begun already may be older than this question.
    const running = readThrough ? undefined : underWay.get(key)
    if (running) return running
    const since = cache.mark()
    const controller = new AbortController()
    const timer = setTimeout(
      () => controller.abort(new DOMException('the deadline has passed', 'TimeoutError')),
      settings.timeoutMs,
    )
    const shared = detach(exchange, {
      signal: controller.signal,
      deadlineAt: clock.monotonic() + settings.timeoutMs,
      readThrough,
    })
    const work = (async () => keep(await next(shared), settings))()
      .catch(error => keepProblem(error, settings))
      .then(answer => {
        cache.set(key, answer, since)
        return answer
      })
      .finally(() => {
        clearTimeout(timer)
        if (underWay.get(key) === work) underWay.delete(key)
      })
    underWay.set(key, work)
    return work
  }

  const send = (exchange: Admitted, answer: CachedAnswer, outcome: CacheOutcome): Reply => {
    if (answer.problem) throw answer.problem
    const now = clock.now()
    if (outcome.kind === 'stale') restampFor(answer, now)
    const headers = [
      ...answer.headers,
      'ETag',
      answer.etag,
      ...cacheFields(answer, outcome, policy.clientMaxAgeSeconds, now),
    ]
    return isNotModified(exchange.headers['if-none-match'], answer.etag)
      ? { status: 304, headers, body: EMPTY }
      : {
          status: answer.status,
          headers,
          body: { kind: 'bytes', value: answer.bytes, contentType: answer.contentType },
        }
  }

  const sendStale = (exchange: Admitted, held: CachedAnswer, why: 'revalidating' | 'error') => {
    count(why === 'error' ? 'stale-if-error' : 'stale')
    exchange.trail.push(why === 'error' ? verdicts.staleIfError : verdicts.stale)
    return send(exchange, held, { kind: 'stale', why })
  }

  return exchange => {
    const key = cacheKey(exchange, settings.basis, policy.vary)
    const now = clock.now()
    const held = cache.get(key)
    const readThrough = asksForFresh(exchange)
    if (held && !readThrough) {
      if (now < held.freshUntil) {
        count('hit')
        exchange.trail.push(verdicts.hit)
        return send(exchange, held, { kind: 'hit' })
      }
      const troubled = now < held.retryAt && now < held.errorUntil
      if (troubled) return sendStale(exchange, held, 'error')
      if (now < held.staleUntil || (held.retryAt > 0 && now < held.errorUntil)) {
        refresh(key, exchange).catch(error => noteFailedRefresh(held, error, clock.now()))
        return sendStale(exchange, held, held.retryAt > 0 ? 'error' : 'revalidating')
      }
    }
    const collapsed = !readThrough && underWay.has(key)
    count(readThrough ? 'bypass' : collapsed ? 'collapsed' : 'miss')
    exchange.trail.push(
      readThrough ? verdicts.bypass : collapsed ? verdicts.collapsed : verdicts.miss,
    )
    const why = readThrough ? 'request' : held ? 'stale' : 'uri-miss'
    return refresh(key, exchange, readThrough).then(
      answer => send(exchange, answer, { kind: 'miss', collapsed, why }),
      error => {
        if (!held || held.problem || !isUpstreamTrouble(error)) throw error
        noteFailedRefresh(held, error, clock.now())
        if (readThrough || clock.now() >= held.errorUntil) throw error
        return sendStale(exchange, held, 'error')
      },
    )
  }
}

/** Makes what is kept of a reply. */
function keep(reply: Reply, settings: CachedSettings): CachedAnswer {
  const { policy, clock, random } = settings
  const now = clock.now()
  const { freshness } = reply
  const bytes =
    reply.body.kind === 'json'
      ? Buffer.from(JSON.stringify(reply.body.value))
      : reply.body.kind === 'bytes'
        ? reply.body.value
        : Buffer.alloc(0)
  const spread = 1 + policy.jitter * (2 * random() - 1)
  const poor = freshness?.stale === true || reply.status !== 200
  const ends = freshness?.validUntil ?? Number.POSITIVE_INFINITY
  const freshFor = poor ? POOR_ANSWER_TTL_MS : policy.ttlSeconds * 1000 * spread
  const freshUntil = Math.min(now + freshFor, ends)
  const beyond = (seconds: number) =>
    poor ? freshUntil : Math.min(freshUntil + seconds * 1000, ends)
  return {
    status: reply.status,
    headers: withGroups(reply),
    bytes,
    contentType: reply.body.kind === 'empty' ? '' : reply.body.contentType,
    etag: strongEtag(bytes),
    storedAt: now,
    freshUntil,
    staleUntil: beyond(policy.staleWhileRevalidateSeconds),
    errorUntil: beyond(policy.staleIfErrorSeconds),
    retryAt: 0,
    stampedAt: now,
    restamp: freshness?.restamp,
    problem: undefined,
    groups: freshness?.groups ?? [],
  }
}

function withGroups({ headers, freshness }: Reply): HeaderPairs {
  const groups = groupsField(freshness?.groups ?? [])
  return groups === undefined ? headers : [...headers, 'Cache-Groups', groups]
}

/** Keeps a 404 for a moment; any other error goes on to whoever waits. */
function keepProblem(error: unknown, { policy, clock }: CachedSettings): CachedAnswer {
  if (!(error instanceof Problem) || error.kind.status !== 404) throw error
  const now = clock.now()
  const until = now + Math.min(NEGATIVE_TTL_MS, policy.ttlSeconds * 1000)
  return {
    status: 404,
    headers: [],
    bytes: Buffer.alloc(0),
    contentType: '',
    etag: '',
    storedAt: now,
    freshUntil: until,
    staleUntil: until,
    errorUntil: until,
    retryAt: 0,
    stampedAt: now,
    restamp: undefined,
    problem: error,
    groups: [],
  }
}

/** A stale answer must say how old it is: its body is made again, at most once a second. */
function restampFor(answer: CachedAnswer, now: number): void {
  if (!answer.restamp || now - answer.stampedAt < RESTAMP_MS) return
  answer.bytes = Buffer.from(JSON.stringify(answer.restamp(now)))
  answer.etag = strongEtag(answer.bytes)
  answer.stampedAt = now
}

function noteFailedRefresh(held: CachedAnswer, error: unknown, now: number): void {
  if (isUpstreamTrouble(error)) held.retryAt = now + RETRY_PAUSE_MS
}

/** Errors for which RFC 5861 section 4 allows an old answer: the ERP's, not the caller's or ours. */
const isUpstreamTrouble = (error: unknown): boolean =>
  error instanceof Problem && error.kind.owner === 'upstream' && error.kind.status >= 500

/** `Cache-Control: no-cache` from a caller whose plan lets it read through (RFC 9111 section 5.2.1.4). */
const asksForFresh = (exchange: Admitted): boolean =>
  exchange.principal.consumer.plan.allowNoCache &&
  /(^|[\s,])no-cache($|[\s,])/i.test(exchange.headers['cache-control'] ?? '')

const strongEtag = (bytes: Buffer): string =>
  `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`

/** Operation, normalised input and the named traits of the caller, and nothing else. */
function cacheKey(exchange: Admitted, basis: string, vary: readonly string[]): string {
  const parts = [basis, exchange.method === 'HEAD' ? 'GET' : exchange.method, exchange.path]
  for (const name of Object.keys(exchange.query).sort()) {
    parts.push(name, JSON.stringify(exchange.query[name]))
  }
  for (const trait of vary) parts.push(exchange.trait(trait))
  if (exchange.body !== undefined) parts.push(jsonDigest(exchange.body))
  return parts.join('\n')
}

const cacheVerdicts = (at: Place) => ({
  hit: verdict('cached', 'hit', 'a fresh answer was held', at),
  stale: verdict('cached', 'stale', 'a stale answer was held; a refresh is under way', at),
  staleIfError: verdict('cached', 'stale', 'a stale answer was held; the refresh failed', at),
  miss: verdict('cached', 'miss', 'no answer was held', at),
  collapsed: verdict('cached', 'miss', 'joined a call under way for the same answer', at),
  bypass: verdict('cached', 'bypass', 'the caller asked to read through', at),
})
