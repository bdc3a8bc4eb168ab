import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../kernel/canonical-json.ts'

/**
 * Seals what a quote binds, so that an order can be held to it later without our having stored it:
 * HMAC-SHA-256 of its canonical JSON. `v1` names this way of doing it.
 *
 * @param bound every member of the quote, as it travels, but the seal itself
 * @param key a secret of at least 32 bytes, the same in every process
 * @returns `v1.<base64url>`
 * @see RFC 8785 for the canonical form, RFC 2104 for HMAC
 */
export const sealQuote = (bound: object, key: KeyObject): string =>
  `v1.${createHmac('sha256', key).update(canonicalJson(bound)).digest('base64url')}`

/** Whether a quote is one of ours, unchanged. Whether it still holds is for `validUntil` to say. */
export function isSealed(bound: object, seal: string, key: KeyObject): boolean {
  const expected = Buffer.from(sealQuote(bound, key))
  const given = Buffer.from(seal)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
