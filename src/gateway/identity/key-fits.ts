import type { KeyObject } from 'node:crypto'

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}
/** RFC 7518 section 3.3: a key of 2048 bits or larger must be used. */
const RSA_BITS_MIN = 2048

/**
 * Whether a key may sign or verify by an algorithm: its kind, its curve and its size. A symmetric key
 * never fits, whatever the algorithm.
 */
export function keyFits(key: KeyObject, algorithm: string): boolean {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (/^(RS|PS)(256|384|512)$/.test(algorithm)) {
    return key.asymmetricKeyType === 'rsa' && modulusLength >= RSA_BITS_MIN
  }
  const curve = Object.hasOwn(CURVES, algorithm) ? CURVES[algorithm] : undefined
  return curve !== undefined && key.asymmetricKeyType === 'ec' && namedCurve === curve
}
