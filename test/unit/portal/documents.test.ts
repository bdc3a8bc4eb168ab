import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems } from '../../../src/kernel/problems.ts'
import { problemPages } from '../../../src/portal/problem-pages.ts'
import { openSigningKeys } from '../../../src/portal/signing-keys.ts'
import { wellKnown } from '../../../src/portal/well-known.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { TestClock } from '../../support/test-clock.ts'
import { ISSUER, portalPolicies, serve } from './support.ts'

test('clients find the token endpoint and its keys by the well-known documents', async t => {
  const policies = portalPolicies()
  const keys = await openSigningKeys({
    directory: await temporaryFolder(t),
    mayGenerate: true,
    policy: policies.gateway.ownIssuer,
    clock: new TestClock(),
  })
  const url = await serve(t, wellKnown({ policies: () => policies, keys }))
  const get = async (name: string) => {
    const res = await fetch(`${url}/.well-known/${name}`)
    assert.equal(res.status, 200)
    assert.equal(res.headers.get('cache-control'), 'public, max-age=300')
    return { type: res.headers.get('content-type'), json: await res.json() }
  }
  const scopes = ['inventory:quantity', 'inventory:read']
  assert.deepEqual((await get('oauth-authorization-server')).json, {
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/oauth/token`,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    scopes_supported: scopes,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  })
  assert.deepEqual((await get('oauth-protected-resource')).json, {
    resource: ISSUER,
    authorization_servers: [ISSUER, 'https://login.example'],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_documentation: `${ISSUER}/docs`,
  })
  const jwks = await get('jwks.json')
  assert.match(jwks.type ?? '', /^application\/jwk-set\+json/)
  assert.deepEqual(jwks.json, keys.jwks())
})

test('every problem has a page, for people and for programs', async t => {
  const url = await serve(t, problemPages())
  for (const [code, { status, title, retry }] of Object.entries(problems)) {
    const page = await fetch(`${url}/problems/${code}`, { headers: { Accept: 'text/html' } })
    assert.equal(page.status, 200)
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.ok((await page.text()).includes(`<h1>${title}</h1>`))
    const json = await fetch(`${url}/problems/${code}`, { headers: { Accept: 'application/json' } })
    const { help, ...rest } = (await json.json()) as Record<string, unknown>
    assert.deepEqual(rest, {
      type: `/problems/${code}`,
      code,
      status,
      title,
      retryable: retry === 'later',
    })
    assert.ok(help)
  }
})

test('a page that is not there, or not in the form asked for, is a problem', async t => {
  const url = await serve(t, problemPages())
  for (const code of ['nothing', '__proto__', 'toString', '%3Cscript%3E']) {
    const res = await fetch(`${url}/problems/${code}`)
    assert.equal(res.status, 404)
    assert.match(res.headers.get('content-type') ?? '', /problem\+json/)
  }
  const image = await fetch(`${url}/problems/internal`, { headers: { Accept: 'image/png' } })
  assert.equal(image.status, 406)
})
