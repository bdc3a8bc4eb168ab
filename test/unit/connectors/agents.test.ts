import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import axios from 'axios'
import { keptAlive } from '../../../src/connectors/agents.ts'
import { networkFailure } from '../../../src/connectors/network-failure.ts'

test('a network that never says yes is given up after two seconds, before anything is sent', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  // Packets that nobody answers: a socket that is never told that it is connected.
  t.mock.method(Socket.prototype, 'connect', function (this: Socket & { connecting: boolean }) {
    this.connecting = true
    return this
  })
  const agents = keptAlive(1)
  t.after(() => agents.httpAgent.destroy())
  const asked = axios.get('http://127.0.0.1:9', { ...agents, proxy: false })
  await new Promise(setImmediate)
  t.mock.timers.tick(2_000)
  const failure = await asked.then(
    () => assert.fail('it was answered'),
    error => networkFailure(error, { connection: 'erp', call: 'ping' }),
  )
  assert.equal(failure.kind, 'unreachable')
  assert.equal(failure.details.proxyError, 'connection_timeout')
})
