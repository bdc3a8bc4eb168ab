import { createHash } from 'node:crypto'
import canonicalizeJson from 'canonicalize'

/**
 * The one text of a JSON value, whatever order its keys were written in.
 *
 * @throws Error when the value is not JSON (NaN, Infinity, a cycle, undefined)
 * @see RFC 8785, JSON Canonicalization Scheme
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalizeJson(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  return text
}

/** SHA-256 of the canonical text, in hex: fingerprints, revisions, cache keys. */
export const jsonDigest = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex')
