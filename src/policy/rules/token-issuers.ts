import type { Rule } from './rule.ts'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Keys come over a connection that nobody else can speak on; each issuer is configured once. */
export const tokenIssuers: Rule = ({ set }, findings) => {
  const seen = new Set<string>()
  for (const { at, issuer, jwksUri } of set.gateway.tokenIssuers) {
    if (seen.has(issuer)) findings.error(at, 'duplicate-issuer', `"${issuer}" stands twice`)
    seen.add(issuer)
    const url = URL.parse(jwksUri)
    if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && LOOPBACK.has(url.hostname))) {
      findings.error(
        at,
        'insecure-jwks',
        'jwksUri must be https: whoever can answer it decides who may call',
      )
    }
  }
}
