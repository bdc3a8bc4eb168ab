/**
 * Reads the key of an `Idempotency-Key` field: a structured-field string (RFC 9651 section 3.3.3), or, as
 * many clients send it, the bare text.
 *
 * @returns undefined when there is none, or none that can be one
 * @see draft-ietf-httpapi-idempotency-key-header-07
 */
export function idempotencyKeyOf(field: string | string[] | undefined): string | undefined {
  if (typeof field !== 'string') return undefined
  const text = field.trim()
  const key = /^".*"$/.test(text) ? text.slice(1, -1) : text
  return /^[!#-~]{1,128}$/.test(key) ? key : undefined
}
