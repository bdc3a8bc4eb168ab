import type { Rule } from './rule.ts'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Keys come over a connection that nobody else can speak on; each issuer is configured once. */
export const tokenIssuers: Rule = ({ set }, findings) => {
  const { ownIssuer, tokenIssuers } = set.gateway
  const seen = new Set([ownIssuer.issuer])
  for (const { at, issuer, jwksUri } of tokenIssuers) {
    if (seen.has(issuer)) {
      const other = issuer === ownIssuer.issuer ? 'is our own' : 'stands twice'
      findings.error(at, 'duplicate-issuer', `the issuer "${issuer}" ${other}`)
    }
    seen.add(issuer)
    const url = URL.parse(jwksUri)
    const safe =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
    if (safe) continue
    const message = 'jwksUri must be https: whoever can answer it decides who may call'
    findings.error(at, 'insecure-jwks', message)
  }
}
