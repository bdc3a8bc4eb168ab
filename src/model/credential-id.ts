/** `sha256:` and this many hex digits name a credential among millions, and tell nothing of it. */
const DIGITS = 12
const PREFIX = 'sha256:'

/**
 * The name of a credential: what people and logs call it by, and what a token remembers it by.
 *
 * @param hash `sha256:<hex>`, as policies hold it
 */
export const credentialId = (hash: string): string =>
  hash.slice(PREFIX.length, PREFIX.length + DIGITS)
