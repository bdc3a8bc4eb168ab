import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { jsonReply } from '../../../src/gateway/reply.ts'
import { createPublicServer } from '../../../src/http/server.ts'
import { silentLogger } from '../../../src/kernel/logger.ts'

const limits = {
  maxBodyBytes: 1_000,
  maxHeaderBytes: 16_384,
  requestTimeoutMs: 5_000,
  keepAliveTimeoutMs: 5_000,
  maxConnections: 10,
}

/** A public listener whose gateway answers with the Authorization field it was given. */
async function start(t: TestContext): Promise<number> {
  const server = createPublicServer({
    gateway: {
      serves: () => true,
      handle: ({ headers }) => jsonReply(200, headers.authorization ?? null),
    },
    rest: (_req, res) => res.end(),
    limits,
    logger: silentLogger,
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

// Node keeps the first of two Authorization fields: a proxy in front may have judged the second.
test('the gateway sees both of two Authorization fields', async t => {
  const port = await start(t)
  const headers = ['Host', 'x', 'Authorization', 'Bearer one', 'Authorization', 'Bearer two']
  const req = request({ port, host: '127.0.0.1', headers, agent: false }).end()
  const [res] = await once(req, 'response')
  let text = ''
  for await (const chunk of res) text += chunk
  assert.equal(JSON.parse(text), 'Bearer one, Bearer two')
})
