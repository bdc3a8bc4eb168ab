import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  createDeclarativeConnection,
  validateDeclarativeSettings,
} from '../../../../src/connectors/declarative/connection.ts'
import { OPEN_GATE } from '../../../../src/connectors/gate/gate.ts'
import { systemClock } from '../../../../src/kernel/clock.ts'
import type { ConnectionSettings } from '../../../../src/model/erp-connection.ts'

/** A connection to an ERP that answers as the test says. */
async function connected(
  t: TestContext,
  auth: object,
  answer: (req: IncomingMessage, res: ServerResponse) => void,
) {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const settings = {
    name: 'erp',
    connector: 'declarative',
    address: `http://127.0.0.1:${port}`,
    capabilities: { maxConcurrency: 2, maxStockKeys: 10, maxPriceKeys: 10 },
    timeZone: 'UTC',
    baseCurrency: 'EUR',
    settings: { auth, calls: { ping: { method: 'GET', path: '/ping' } } },
    credentials: { username: 'u', password: 'p', clientId: 'c', clientSecret: 's' },
  } as unknown as ConnectionSettings
  const connection = createDeclarativeConnection(settings, { clock: systemClock, gate: OPEN_GATE })
  t.after(async () => {
    await connection.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return () =>
    connection.ping({
      signal: AbortSignal.timeout(5_000),
      deadlineAt: systemClock.monotonic() + 5_000,
      correlationId: 'c',
      workClass: 'browse',
    })
}

const json = (res: ServerResponse, status: number, body: object, headers = {}) =>
  res
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body))

const CSRF = {
  type: 'cookieSession',
  login: { method: 'GET', path: '/login' },
  csrf: { header: 'X-CSRF-Token' },
}

test('a token that is required anew is a session that has ended: the next call logs in again', async t => {
  let logins = 0
  const ping = await connected(t, CSRF, (req, res) => {
    if (req.url === '/login') {
      logins++
      return json(
        res,
        200,
        {},
        { 'set-cookie': `s=${logins}; Path=/`, 'x-csrf-token': `t${logins}` },
      )
    }
    const isGood = req.headers['x-csrf-token'] === 't2' && req.headers.cookie === 's=2'
    return isGood ? json(res, 200, {}) : json(res, 403, {}, { 'x-csrf-token': 'Required' })
  })
  await assert.rejects(ping(), { kind: 'session' })
  await ping()
  assert.equal(logins, 2)
})

test('any other 403 is a no', async t => {
  const ping = await connected(t, { type: 'none' }, (_, res) => json(res, 403, {}))
  await assert.rejects(ping(), { kind: 'rejected' })
})

for (const [status, kind] of [
  [401, 'session'],
  [429, 'busy'],
  [503, 'busy'],
  [500, 'garbled'],
] as const) {
  test(`a login that is answered with ${status} fails as ${kind}`, async t => {
    const ping = await connected(t, CSRF, (_, res) => json(res, status, {}, { 'retry-after': '7' }))
    await assert.rejects(ping(), {
      kind,
      details: {
        connection: 'erp',
        call: 'login',
        proxyError: 'http_request_denied',
        receivedStatus: status,
        retryAfterSeconds: 7,
      },
    })
  })
}

test('a token of unsaid or senseless life is used for more than one call', async t => {
  const auth = { type: 'oauth2ClientCredentials', tokenUrl: '/token', clientAuthentication: 'post' }
  for (const expires_in of [undefined, 'soon', -1]) {
    let tokens = 0
    const ping = await connected(t, auth, (req, res) => {
      if (req.url === '/token') return json(res, 200, { access_token: `t${++tokens}`, expires_in })
      return json(res, 200, {})
    })
    await ping()
    await ping()
    assert.equal(tokens, 1)
  }
})

test('a call that would ask for its first key only is told, with its place', () => {
  const call = (more: object) => ({
    auth: { type: 'none' },
    calls: {
      ping: { method: 'GET', path: '/ping' },
      'inventory.readStock': {
        method: 'GET',
        path: { template: '/stock/{sku}' },
        rows: '$.rows[*]',
        row: {},
        ...more,
      },
    },
  })
  const [complaint] = validateDeclarativeSettings(call({}))
  assert.deepEqual(complaint?.path, ['calls', 'inventory.readStock'])
  assert.match(complaint?.message ?? '', /^sku is that of the first key only/)
  assert.deepEqual(validateDeclarativeSettings(call({ groupBy: ['sku'] })), [])
  const each = { path: '/stock', body: { each: 'keys[*]', do: { SKU: { from: 'sku' } } } }
  assert.deepEqual(validateDeclarativeSettings(call(each)), [])
})
