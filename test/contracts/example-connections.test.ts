import assert from 'node:assert/strict'
import { appendFileSync, cpSync, globSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadPolicySet } from '../../src/composition/load-policy-set.ts'
import { findingText } from '../../src/policy/finding.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const EXAMPLES = 'docs/examples/erps'
const PLACE =
  '{ type: DC, region: us-east, legalEntity: retail-us, country: US, timeZone: America/New_York }'
const CHANNEL =
  '{ currencies: [USD], pool: [US-DC], lowStockUnits: 0, bufferUnits: 0, roundingMode: HALF_UP, taxRounding: LINE, quoteTtlSeconds: 900 }'
const ENVIRONMENT = {
  S4_URL: 'https://s4.example',
  S4_USER: 'POSTERN',
  S4_PASSWORD: 'secret',
  ODOO_URL: 'https://odoo.example',
  ODOO_USER: 'postern',
  ODOO_KEY: 'secret',
}

/** What `postern check` says of the policies with one connection more, and the places that it serves. */
async function check(t: TestContext, name: string, text: string) {
  const directory = join(await temporaryFolder(t), 'policies')
  cpSync('policies', directory, { recursive: true })
  writeFileSync(join(directory, 'erps', name), text)
  for (const id of ['US-DC', 'US-12', 'US-27']) {
    appendFileSync(join(directory, 'locations.yaml'), `  ${id}: ${PLACE}\n`)
  }
  for (const id of ['us-web', 'us-b2b']) {
    appendFileSync(join(directory, 'channels.yaml'), `  ${id}: ${CHANNEL}\n`)
  }
  const { findings } = await loadPolicySet({
    directory,
    env: ENVIRONMENT,
    production: false,
    ownIssuer: 'http://127.0.0.1:8080',
    demoHashes: () => undefined,
  })
  // An example for reads says so where orders would go to it: that is no slip.
  const slips = findings.filter(({ rule }) => rule !== 'connection-without-orders')
  return slips.map(finding => findingText(finding).replace(`${directory}/`, ''))
}

for (const file of globSync(`${EXAMPLES}/*.yaml`).sort()) {
  test(`${file} can be copied to policies/erps as it is`, async t => {
    assert.deepEqual(await check(t, basename(file), await readFile(file, 'utf8')), [])
  })
}

test('a slip in an example would be found', async t => {
  const text = await readFile(`${EXAMPLES}/s4.yaml`, 'utf8')
  const [finding = ''] = await check(t, 's4.yaml', text.replace('soldToParty', 'soldToPartie'))
  assert.match(finding, /erps\/s4\.yaml:\d+:\d+ error .*soldToParty/)
})

test('a connection that takes no orders, where orders would go to it, is warned of', async t => {
  const directory = join(await temporaryFolder(t), 'policies')
  cpSync('policies', directory, { recursive: true })
  const file = join(directory, 'erps/sandbox.yaml')
  const text = await readFile(file, 'utf8')
  writeFileSync(file, text.replace(/ {4}orders\.cancel:\n(?: {6}.*\n)+/, ''))
  const { findings } = await loadPolicySet({
    directory,
    env: ENVIRONMENT,
    production: false,
    ownIssuer: 'http://127.0.0.1:8080',
    demoHashes: () => undefined,
  })
  const rules = new Set(findings.map(({ rule }) => rule))
  assert.ok(rules.has('connection-without-orders'), [...rules].join())
})
