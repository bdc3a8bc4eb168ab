import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readContractIndex } from '../../../src/policy/contract-index.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const contract = (rest: string) => `openapi: 3.1.0\ninfo: { title: T, version: '1' }\n${rest}`

test('an operation without an id cannot hide: it stands under its method and path', async t => {
  const directory = await temporaryFolder(t)
  writeFileSync(
    join(directory, 'shop.v1.yaml'),
    contract('paths:\n  /a:\n    trace: { responses: {} }\n'),
  )
  const [shop] = await readContractIndex(directory)
  assert.deepEqual([...(shop?.operations.keys() ?? [])], ['trace /a'])
})

test('names behind references are known, and only contracts are read', async t => {
  const directory = await temporaryFolder(t)
  writeFileSync(join(directory, 'notes.yaml'), '{')
  writeFileSync(join(directory, 'common.yaml'), 'Sku: { name: sku, in: query, schema: {} }\n')
  writeFileSync(
    join(directory, 'shop.v1.yaml'),
    contract(
      'security: [{ oauth2: [a:b] }]\npaths:\n  /a:\n    get:\n      operationId: getA\n' +
        '      parameters:\n        - $ref: common.yaml#/Sku\n      responses: {}\n',
    ),
  )
  const index = await readContractIndex(directory)
  assert.equal(index.length, 1)
  const operation = index[0]?.operations.get('getA')
  assert.deepEqual(operation?.queryNames, ['sku'])
  assert.deepEqual(operation?.scopes, ['a:b'])
  assert.equal(operation?.safe, true)
  assert.equal(operation?.place.line, 7)
})

test('a contract that is no YAML is told with its place', async t => {
  const directory = await temporaryFolder(t)
  writeFileSync(join(directory, 'shop.v1.yaml'), 'openapi: 3.1.0\npaths: {\n')
  await assert.rejects(readContractIndex(directory), /shop\.v1\.yaml:\d+:\d+ error yaml-syntax: /)
})
