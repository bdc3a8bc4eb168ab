import type { MaybePromise } from '../kernel/maybe-promise.ts'
import type { CostPolicy } from '../policy/policy-set.ts'
import type { Arrived } from './exchange.ts'

export type CallCost = (exchange: Arrived) => MaybePromise<number>

/**
 * What a call costs, in units: the base, plus one for each started `count` items beyond the first.
 *
 * It is asked before the call is validated, so it takes whatever comes: a call that is nonsense costs
 * the base. A body is read for it (the exchange keeps it for the validator) but only where the policy
 * charges by the body's items.
 *
 * @param maxBodyBytes the operation's limit; a body over it costs the base, and is refused later on
 */
export function callCost({ base, perItems }: CostPolicy, maxBodyBytes: number): CallCost {
  if (!perItems) return () => base
  const { name, count } = perItems
  const costOf = (items: number) => base + Math.max(0, Math.ceil(items / count) - 1)
  if (perItems.in === 'query') return exchange => costOf(countParameter(exchange.search, name))
  return async exchange => {
    try {
      return costOf(countItems(await exchange.readBody(maxBodyBytes), name))
    } catch {
      return base
    }
  }
}

/**
 * How often a parameter stands in a query, without parsing the rest of it. An encoded name
 * (`%73ku=1`) counts like a plain one: it is the same parameter to the validator.
 *
 * @param search the query without `?`, as received
 */
export function countParameter(search: string, name: string): number {
  let count = 0
  for (let start = 0; start < search.length; ) {
    const ampersand = search.indexOf('&', start)
    const end = ampersand < 0 ? search.length : ampersand
    if (isNamed(search, start, end, name)) count++
    start = end + 1
  }
  return count
}

function isNamed(search: string, start: number, end: number, name: string): boolean {
  const after = start + name.length
  if (search.startsWith(name, start) && (after === end || search[after] === '=')) return true
  const equals = search.indexOf('=', start)
  const nameEnd = equals < 0 || equals > end ? end : equals
  const percent = search.indexOf('%', start)
  if (percent < 0 || percent >= nameEnd) return false
  return new URLSearchParams(search.slice(start, nameEnd)).has(name)
}

/** @throws SyntaxError when it is not JSON */
function countItems(body: Buffer, name: string): number {
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return 0
  const list = (value as Record<string, unknown>)[name]
  return Array.isArray(list) ? list.length : 0
}
