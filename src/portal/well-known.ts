import { Router } from 'express'
import type { PolicySet } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'

/** A key set may be this old when a key is withdrawn; a new key is published long before it signs. */
const CACHE_CONTROL = 'public, max-age=300'

/**
 * The documents by which clients and resource servers find us.
 *
 * @see RFC 8414 (authorization server), RFC 9728 (protected resource), RFC 7517 (JWKS)
 */
export function wellKnown(deps: { policies(): PolicySet; keys: SigningKeys }): Router {
  const router = Router()
  router.get('/.well-known/jwks.json', (_req, res) => {
    res
      .set('Cache-Control', CACHE_CONTROL)
      .type('application/jwk-set+json')
      .send(JSON.stringify(deps.keys.jwks()))
  })
  router.get('/.well-known/oauth-authorization-server', (_req, res) => {
    const { issuer } = deps.policies().gateway.ownIssuer
    res.set('Cache-Control', CACHE_CONTROL).json({
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      scopes_supported: scopesOf(deps.policies()),
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    })
  })
  router.get('/.well-known/oauth-protected-resource', (_req, res) => {
    const { issuer } = deps.policies().gateway.ownIssuer
    const others = deps.policies().gateway.tokenIssuers.map(external => external.issuer)
    res.set('Cache-Control', CACHE_CONTROL).json({
      resource: issuer,
      authorization_servers: [issuer, ...others],
      scopes_supported: scopesOf(deps.policies()),
      bearer_methods_supported: ['header'],
      resource_documentation: `${issuer}/docs`,
    })
  })
  return router
}

/** Every scope that some operation asks for, or answers more fully for. */
function scopesOf({ apis }: PolicySet): string[] {
  const operations = apis
    .values()
    .flatMap(({ versions }) => versions.values())
    .flatMap(version => version.operations.values())
  const scopes = operations.flatMap(({ scopes, cache }) => [
    ...scopes.all,
    ...(cache?.vary ?? []).filter(isScopeTrait).map(trait => trait.slice(SCOPE_TRAIT.length)),
  ])
  return [...new Set(scopes)].sort()
}

/** How a cache policy names a scope that changes the answer: `scope:inventory:quantity`. */
const SCOPE_TRAIT = 'scope:'
const isScopeTrait = (trait: string): boolean => trait.startsWith(SCOPE_TRAIT)
