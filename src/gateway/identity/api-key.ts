import { hash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 characters of 62 carry 190 bits. */
const SECRET_LENGTH = 32
/** 62^6 exceeds 2^32: six characters carry a whole CRC-32. */
const CHECKSUM_LENGTH = 6
const FORM = /^pstn_(live|test)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/

/**
 * Makes an API key: `pstn_<live|test>_<32 random characters><6 of checksum>`. The prefix lets secret
 * scanners find a leaked key, the checksum lets junk be refused without a look-up.
 */
export function generateApiKey(environment: 'live' | 'test'): string {
  const secret = randomText(SECRET_LENGTH)
  return `pstn_${environment}_${secret}${checksum(environment, secret)}`
}

/** Makes a client secret of the same form, found by scanners alike: `pstn_secret_…`. */
export function generateClientSecret(): string {
  const secret = randomText(SECRET_LENGTH)
  return `pstn_secret_${secret}${checksum('secret', secret)}`
}

/** Random text of letters and digits: keys, client secrets. */
export const randomText = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** Whether the text could be a key at all; says nothing of whose. */
export function isWellFormedApiKey(text: string): boolean {
  const [, environment = '', secret = '', sum] = FORM.exec(text) ?? []
  return sum !== undefined && checksum(environment, secret) === sum
}

function checksum(environment: string, secret: string): string {
  let rest = crc32(`pstn_${environment}_${secret}`)
  let text = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = (ALPHABET[rest % ALPHABET.length] ?? '') + text
    rest = Math.floor(rest / ALPHABET.length)
  }
  return text
}

/**
 * `sha256:<hex>`, the only form in which a credential is kept. A plain hash is enough: what is hashed
 * is random and long, so there is no dictionary to try, and a look-up by hash leaks no timing of the key.
 */
export const hashCredential = (credential: string): string =>
  `sha256:${hash('sha256', credential, 'hex')}`
