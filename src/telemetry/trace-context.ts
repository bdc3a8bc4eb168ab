import { randomBytes } from 'node:crypto'

const TRACEPARENT =
  /^(?<version>[0-9a-f]{2})-(?<trace>[0-9a-f]{32})-(?<parent>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/

/**
 * The `traceparent` to send onwards: a new span of the caller's trace, or of a new trace when the
 * caller sent none or a malformed one.
 *
 * @param trustSampling false clears the sampled flag: a caller cannot force us to trace
 * @see W3C Trace Context, sections 3.2 and 4.3
 */
export function childTraceparent(incoming: unknown, trustSampling: boolean): string {
  const parsed = parseTraceparent(incoming)
  const trace = parsed?.trace ?? randomBytes(16).toString('hex')
  const flags = parsed && trustSampling ? parsed.flags & 0b11 : 0
  return `00-${trace}-${randomBytes(8).toString('hex')}-${flags.toString(16).padStart(2, '0')}`
}

/** @returns undefined when the header must be ignored as a whole */
export function parseTraceparent(value: unknown): { trace: string; flags: number } | undefined {
  if (typeof value !== 'string') return undefined
  const groups = TRACEPARENT.exec(value)?.groups
  if (!groups) return undefined
  const { version = '', trace = '', parent = '', flags = '00', rest } = groups
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(trace) || /^0+$/.test(parent)) return undefined
  return { trace, flags: Number.parseInt(flags, 16) }
}
