import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../kernel/canonical-json.ts'

/**
 * Seals what a quote binds, so that an order can be held to it later without our having stored it:
 * `<SHA-256, hex>.<HMAC-SHA-256, base64url>` of its canonical JSON. The digest lets anybody compare
 * two quotes; only who has the key could have written the second part.
 *
 * @param bound every member of the quote but the seal itself
 * @param key a secret of at least 32 bytes, the same in every process
 */
export function sealQuote(bound: object, key: KeyObject): string {
  const text = canonicalJson(bound)
  const digest = createHash('sha256').update(text).digest('hex')
  return `${digest}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

/** Whether a quote is one of ours, unchanged. Whether it still holds is for `validUntil` to say. */
export function isSealed(bound: object, seal: string, key: KeyObject): boolean {
  const expected = Buffer.from(sealQuote(bound, key))
  const given = Buffer.from(seal)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
