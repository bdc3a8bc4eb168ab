import { ControlRefusal, type ControlRequest } from './control-call.ts'

/**
 * The part of a list that `limit` and `offset` ask for; all of it when they do not.
 *
 * @throws ControlRefusal
 */
export function pageOf<T>(items: readonly T[], query: ControlRequest['query']): readonly T[] {
  const offset = wholeNumber(query, 'offset', 0)
  const limit = wholeNumber(query, 'limit', items.length)
  return items.slice(offset, offset + limit)
}

function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new ControlRefusal(400, `${name}: must be a whole number from 0, not "${text}"`)
}

/** @throws ControlRefusal for a query parameter that the call does not know */
export function checkParameters(query: URLSearchParams, known: readonly string[]): void {
  const unknown = [...query.keys()].filter(name => !known.includes(name))
  if (unknown.length) {
    throw new ControlRefusal(400, `unknown: ${unknown.join(', ')}; known: ${known.join(', ')}`)
  }
}
