import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { guardConnection } from '../../../src/connectors/guard.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { UpstreamFailure, type UpstreamFailureKind } from '../../../src/kernel/upstream-failure.ts'
import type { ErpConnection } from '../../../src/ports/erp.ts'
import type { Fault, FaultProxy } from '../../support/fault-proxy.ts'
import {
  type Cases,
  callWith,
  type ErpUnderTest,
  inventoryOf,
  stockKey,
  toTruth,
} from './erp-under-test.ts'

/** Reads a row that is known, as every case here does. */
function read(erp: ErpUnderTest, call = callWith()) {
  const [known] = erp.stock
  assert.ok(known)
  return { known, rows: inventoryOf(erp).readStock([stockKey(known)], call) }
}

async function isWell(erp: ErpUnderTest): Promise<void> {
  const { known, rows } = read(erp)
  assert.deepEqual((await rows).map(toTruth), [known])
}

function proxyOf({ faults }: ErpUnderTest): FaultProxy {
  assert.ok(faults, 'these cases need a network')
  return faults
}

/** The call fails in one of these ways, tells no secret, and the next call after the fault is answered. */
async function failsAs(
  erp: ErpUnderTest,
  kinds: readonly UpstreamFailureKind[],
  call = callWith(),
): Promise<UpstreamFailure> {
  const error = await read(erp, call).rows.then(
    () => assert.fail('the call was answered'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof UpstreamFailure, `no UpstreamFailure: ${inspect(error)}`)
  assert.ok(kinds.includes(error.kind), `${error.kind} is none of ${kinds}: ${error.message}`)
  assert.equal(error.details.connection, erp.connection.name)
  const shown = inspect(error, { depth: 20 }) + JSON.stringify(error)
  for (const secret of erp.secrets) assert.ok(!shown.includes(secret), 'the failure tells a secret')
  await proxyOf(erp).heal()
  await isWell(erp)
  return error
}

const meets =
  (fault: Fault, ...kinds: UpstreamFailureKind[]) =>
  async (erp: ErpUnderTest): Promise<void> => {
    await isWell(erp)
    proxyOf(erp).inject(fault)
    await failsAs(erp, kinds)
  }

const answer = (status: number, body: string): Fault => ({ kind: 'answer', status, body })

/** A caller that leaves, for a reason, once its request has arrived at the ERP. */
async function leaveWhileWaiting(erp: ErpUnderTest, reason: unknown) {
  await isWell(erp)
  const proxy = proxyOf(erp)
  proxy.inject({ kind: 'hang' })
  const controller = new AbortController()
  const { rows } = read(erp, callWith(controller.signal))
  const outcome = rows.then(
    () => assert.fail('a request that hangs was answered'),
    (error: unknown) => error,
  )
  await proxy.nextRequest()
  controller.abort(reason)
  const error = await outcome
  await proxy.heal()
  await isWell(erp)
  return error
}

export const brokenNetwork: Cases = {
  'nobody listens: unreachable, and nothing was sent': async erp => {
    await isWell(erp)
    await proxyOf(erp).refuse()
    await failsAs(erp, ['unreachable'])
  },

  'the connection ends before the answer': meets({ kind: 'drop' }, 'unknown', 'unreachable'),
  'the connection ends within the answer': meets({ kind: 'cut' }, 'unknown', 'garbled'),
  'a page of HTML': meets(answer(200, '<html><title>Maintenance</title></html>'), 'garbled'),
  'half of a JSON text': meets(answer(200, '{"result": [{"co'), 'garbled'),
  'an empty body': meets(answer(200, ''), 'garbled'),
  'JSON that is no answer': meets(answer(200, '{"hello": "world"}'), 'garbled'),
  'JSON null': meets(answer(200, 'null'), 'garbled'),
  'a redirect': meets(
    { kind: 'answer', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    'garbled',
    'rejected',
  ),
  'too many requests: busy': meets(answer(429, ''), 'busy'),
  'service unavailable: busy': meets(answer(503, ''), 'busy'),
  'a crash within the ERP': meets(answer(500, 'Traceback'), 'unknown', 'garbled', 'busy'),

  'the time that a busy ERP asks for is passed on': async erp => {
    const headers = { 'retry-after': '7' }
    proxyOf(erp).inject({ kind: 'answer', status: 503, headers })
    const failure = await failsAs(erp, ['busy'])
    assert.equal(failure.details.retryAfterSeconds, 7)
  },

  // The till would show an error for every restart of the ERP's session store.
  'a session that ends in between is renewed, at the latest when the guard tries once more':
    async erp => {
      await isWell(erp)
      proxyOf(erp).inject(answer(401, ''), 1)
      await isWell(erp).catch(error => {
        assert.ok(error instanceof UpstreamFailure && error.kind === 'session', inspect(error))
        return isWell(erp)
      })
    },

  'a session that cannot be renewed fails, and does not go round in circles': async erp => {
    await isWell(erp)
    const proxy = proxyOf(erp)
    const before = proxy.requests.length
    proxy.inject(answer(401, ''), undefined, request => !erp.isLogin?.(request))
    await failsAs(erp, ['session', 'rejected'])
    assert.ok(proxy.requests.length - before < 12, 'the ERP was asked over and over')
  },

  'a caller who leaves gets the reason back at once': async erp => {
    const reason = new Error('the shopper went away')
    assert.equal(await leaveWhileWaiting(erp, reason), reason)
  },

  'a deadline that passes while the ERP hangs ends the call at once': async erp => {
    const error = await leaveWhileWaiting(erp, new DOMException('time is up', 'TimeoutError'))
    const isFailure = error instanceof UpstreamFailure
    assert.ok(isFailure || (error as Error).name === 'TimeoutError', inspect(error))
    if (isFailure) assert.equal(error.kind, 'unknown')
  },

  'a call that was given up before it began sends nothing': async erp => {
    await isWell(erp)
    const proxy = proxyOf(erp)
    const before = proxy.requests.length
    const reason = new Error('too late')
    await assert.rejects(read(erp, callWith(AbortSignal.abort(reason))).rows, reason)
    assert.equal(proxy.requests.length, before)
  },

  'one read that is given up does not disturb the others': async erp => {
    await isWell(erp)
    const controller = new AbortController()
    const leaving = read(erp, callWith(controller.signal)).rows
    const staying = [read(erp), read(erp), read(erp)]
    controller.abort(new Error('gone'))
    await assert.rejects(leaving)
    for (const { known, rows } of staying) assert.deepEqual((await rows).map(toTruth), [known])
  },

  'both sides can find a call by its correlation id and trace': async erp => {
    const proxy = proxyOf(erp)
    const before = proxy.requests.length
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const call = callWith(undefined, { correlationId: 'order-desk-17', traceparent })
    await read(erp, call).rows
    const sent = proxy.requests.slice(before)
    assert.ok(sent.some(request => request.headers['x-correlation-id'] === 'order-desk-17'))
    assert.ok(
      sent.some(request =>
        request.headers.traceparent?.includes('0af7651916cd43dd8448eb211c80319c'),
      ),
    )
  },

  'behind its guard no more connections are opened than the ERP bears': async erp => {
    await erp.faults?.refuse()
    await erp.faults?.heal()
    const { maxConcurrency } = erp.connection.capabilities
    const { inventory } = guarded(erp.connection)
    const [known] = erp.stock
    assert.ok(known)
    let peak = 0
    const reads = Array.from({ length: 40 }, async () => {
      await inventory?.readStock([stockKey(known)], callWith())
      peak = Math.max(peak, proxyOf(erp).openSockets)
    })
    await Promise.all(reads)
    assert.ok(peak > 0 && peak <= maxConcurrency, `${peak} sockets`)
  },
}

const guarded = (connection: ErpConnection): ErpConnection =>
  guardConnection(
    connection,
    {
      timeoutMs: 30_000,
      maxConcurrency: connection.capabilities.maxConcurrency,
      maxQueue: 100,
      attempts: 1,
      backoffMs: { initial: 1, max: 1 },
      breaker: {
        failureRatio: 0.99,
        minimumPerSecond: 1000,
        windowMs: 1000,
        halfOpenAfterMs: 1000,
      },
    },
    {
      classes: [],
      clock: systemClock,
      metrics: { inFlight: () => {}, queued: () => {}, breaker: () => {}, called: () => {} },
      random: () => 0,
    },
  )
