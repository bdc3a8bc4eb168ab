import { InvariantError } from '../kernel/invariant.ts'
import type { Admitted, Allowed } from './exchange.ts'
import type { Principal } from './principal.ts'

/** A call's checked and coerced input. */
export type Input = {
  readonly query: Readonly<Record<string, unknown>>
  readonly params: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/**
 * Lets a call through to the operation.
 *
 * @param traits the only facts about the caller that the answer may depend on; `all` for an answer
 *   that nobody else is ever given
 */
export function admit(
  exchange: Allowed,
  input: Input,
  traits: readonly string[] | 'all',
): Admitted {
  const { principal } = exchange
  return Object.assign(exchange, input, {
    // What is not to be cached is not to be made from what is; the cache step knows better of what is.
    readThrough: true,
    trait(name: string): string {
      if (traits !== 'all' && !traits.includes(name)) {
        throw new InvariantError(`the cache policy does not vary by "${name}"`)
      }
      return traitOf(principal, name)
    },
  })
}

/**
 * - `consumer`          the consumer's id
 * - `channels`, `regions`  what the consumer may act for, sorted, joined by commas
 * - `scope:<scope>`     `yes` or `no`
 */
export function traitOf(principal: Principal, name: string): string {
  if (name.startsWith('scope:')) return principal.scopes.has(name.slice(6)) ? 'yes' : 'no'
  switch (name) {
    case 'consumer':
      return principal.consumer.id
    case 'channels':
      return [...principal.consumer.channels].sort().join(',')
    case 'regions':
      return [...principal.consumer.regions].sort().join(',')
    default:
      throw new InvariantError(`there is no trait "${name}"`)
  }
}

/** Whether `traitOf` knows the name: the policy check asks. */
export const isTrait = (name: string): boolean =>
  ['consumer', 'channels', 'regions'].includes(name) || /^scope:[a-z:]+$/.test(name)

/** The same call, on its own time: work that others wait for too must not end with its first caller. */
export function detach(
  exchange: Admitted,
  own: { signal: AbortSignal; deadlineAt: number; readThrough: boolean },
): Admitted {
  return {
    id: exchange.id,
    method: exchange.method,
    url: exchange.url,
    path: exchange.path,
    search: exchange.search,
    headers: exchange.headers,
    pathParams: exchange.pathParams,
    readBody: maxBytes => exchange.readBody(maxBytes),
    receivedAt: exchange.receivedAt,
    deadlineAt: own.deadlineAt,
    signal: own.signal,
    isAbandoned: false,
    get traceparent() {
      return exchange.traceparent
    },
    trail: exchange.trail,
    replyHeaders: [],
    stance: exchange.stance,
    principal: exchange.principal,
    scopesChecked: true,
    query: exchange.query,
    params: exchange.params,
    body: exchange.body,
    readThrough: own.readThrough,
    trait: name => exchange.trait(name),
  }
}
