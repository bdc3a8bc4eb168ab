import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProblem } from '../../../../src/gateway/steps/as-problem.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { arrived, headerOf } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

async function failing(error: unknown, hungUp = false) {
  const logged: { fields: object; message: string }[] = []
  const note = (fields: object, message: string) => logged.push({ fields, message })
  const handler = asProblem(
    {
      docs: { policy: 'p', contact: 'c' },
      logger: { debug: note, info: note, warn: note, error: note },
    },
    async () => {
      throw error
    },
  )
  const exchange = arrived({ clock: new TestClock(), headers: { 'x-correlation-id': 'c-1' } })
  if (hungUp) exchange.end(new DOMException('gone', 'AbortError'))
  const reply = await handler(exchange)
  assert.equal(reply.body.kind, 'json')
  return { reply, body: reply.body.value as Record<string, unknown>, logged }
}

test('what nobody expected is 500 with an id, and its words stay in the log', async () => {
  const { reply, body, logged } = await failing(new TypeError('password=hunter2 at /srv/app.ts'))
  assert.equal(reply.status, 500)
  assert.deepEqual(Object.keys(body).sort(), [
    'code', 'correlationId', 'instance', 'retryable', 'status', 'title', 'type',
  ]) // biome-ignore format: a list
  assert.ok(!JSON.stringify(reply).includes('hunter2'))
  assert.equal(logged.length, 1)
})

test('a refusal by policy names the policy and whom to ask; another problem does not', async () => {
  const refused = await failing(new Problem('insufficient-scope'))
  assert.deepEqual([refused.body.policy, refused.body.contact], ['p', 'c'])
  const wrong = await failing(new Problem('invalid-request'))
  assert.equal(wrong.body.policy, undefined)
})

test('a wait is told in whole seconds, rounded up, in the header and the body', async () => {
  const { reply, body } = await failing(new Problem('erp-busy', { retryAfterSeconds: 1.2 }))
  assert.equal(headerOf(reply.headers, 'Retry-After'), '2')
  assert.equal(body.retryAfter, 2)
})

test('a deadline that passed is told as one', async () => {
  const { body } = await failing(new DOMException('late', 'TimeoutError'))
  assert.equal(body.code, 'erp-timeout')
})

test('a caller that hung up is no error of ours', async () => {
  const { logged } = await failing(new Error('aborted'), true)
  assert.deepEqual(logged, [])
})
