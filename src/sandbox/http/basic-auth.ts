import { createHash, timingSafeEqual } from 'node:crypto'

/** @returns a function that tells whether an Authorization header names this user (RFC 7617) */
export function createBasicAuth(
  user: string,
  password: string,
): (authorization: string | undefined) => boolean {
  const expected = digest(`${user}:${password}`)
  return (authorization = '') => {
    const [, credentials] = /^basic +([a-z0-9+/=]+)$/i.exec(authorization) ?? []
    if (credentials === undefined) return false
    return timingSafeEqual(digest(Buffer.from(credentials, 'base64').toString('utf8')), expected)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
