import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PolicyError } from '../../src/composition/policy-source.ts'
import { startTestApp } from '../support/app.ts'

const message = async (edit: Record<string, (text: string) => string>): Promise<string> => {
  try {
    const app = await startTestApp({ edit })
    await app.close()
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error))
    return error.message
  }
  assert.fail('it started')
}

test('a mistyped key stops the start, with file, line, column and what was meant', async () => {
  const text = await message({
    'plans.yaml': plans => plans.replace('burst: 40', 'burts: 40'),
  })
  assert.match(text, /policies\/plans\.yaml:\d+:\d+ error \S+: .*burts.*did you mean "burst"/)
})

test('an operation without a policy stops the start, with the place in the contract', async () => {
  const text = await message({
    'apis/pricing.yaml': api => api.slice(0, api.indexOf('      createQuote:')),
  })
  assert.match(
    text,
    /openapi\/pricing\.v1\.yaml:\d+:\d+ error operation-without-policy: .*createQuote/,
  )
})

test('a policy for an operation that is not there stops the start', async () => {
  const text = await message({
    'apis/pricing.yaml': api => api.replace('      createQuote:', '      createQuotes:'),
  })
  assert.match(
    text,
    /policies\/apis\/pricing\.yaml:\d+:\d+ error policy-without-operation: .*createQuote"/,
  )
})

test('all mistakes are told at once', async () => {
  const text = await message({
    'plans.yaml': plans => plans.replace('workClass: till', 'workClass: tils'),
    'channels.yaml': channels => channels.replace('pool: [DC-EAST, DC-WEST]', 'pool: [DC-EASTT]'),
    'consumers/partner-acme.yaml': consumer => consumer.replace('plan: partner', 'plan: partners'),
  })
  for (const file of ['plans.yaml', 'channels.yaml', 'partner-acme.yaml']) {
    assert.ok(text.includes(file), `${file} in\n${text}`)
  }
})
