import assert from 'node:assert/strict'
import { test } from 'node:test'
import { published, type Schema, schemasIn } from './published.ts'

test('an operationId names one operation in all contracts', () => {
  const ids = published.map(({ contract }) => contract.operationId)
  assert.deepEqual(ids, [...new Set(ids)])
})

/** Whether no repeat in a pattern is open-ended: then no text can make it run long. */
const isBounded = (pattern: string): boolean =>
  !/[*+]|\{\d+,\}/.test(pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, ''))

function assertBounded(schema: Schema, what: string): void {
  for (const [path, part] of schemasIn(schema)) {
    const where = `${what}${path}`
    if (part.type === 'string' && !part.enum) assert.ok(part.maxLength, `${where}: no maxLength`)
    if (part.type === 'array') assert.ok(part.maxItems, `${where}: no maxItems`)
    if (typeof part.pattern === 'string') {
      assert.match(part.pattern, /^\^.*\$$/, `${where}: the pattern is not anchored`)
      assert.ok(isBounded(part.pattern), `${where}: the pattern repeats without end`)
    }
  }
}

for (const { name, operation, contract, scopes } of published) {
  test(`${name} says what it does, and is filed under a tag`, () => {
    assert.ok(operation.summary)
    assert.ok(operation.description)
    assert.equal(operation.tags?.length, 1)
    for (const { name: parameter, description } of operation.parameters ?? []) {
      assert.ok(description, `${parameter} has no description`)
    }
  })

  // An operation without security would be open to everybody, and every generated client would say so.
  test(`${name} asks for a token with known scopes, or for an API key`, () => {
    const [token, key, ...others] = operation.security ?? []
    assert.deepEqual(others, [])
    assert.deepEqual(key, { apiKey: [] })
    assert.deepEqual(Object.keys(token ?? {}), ['oauth2'])
    assert.ok(token?.oauth2?.length, 'needs at least one scope')
    for (const scope of token.oauth2) assert.ok(scopes[scope], `the scope ${scope} is not declared`)
  })

  test(`${name} bounds everything that a caller may send`, () => {
    for (const { name: parameter, schema } of operation.parameters ?? []) {
      assertBounded(schema, parameter)
    }
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
      assertBounded(schema, 'body')
    }
  })

  test(`${name} takes no body member that it does not know`, () => {
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
      for (const [path, part] of schemasIn(schema)) {
        if (part.properties) assert.equal(part.additionalProperties, false, `body${path} is open`)
      }
    }
  })

  test(`${name} says how old its answer may be, where it may be kept at all`, () => {
    if (operation['x-max-cache-seconds'] !== undefined) {
      assert.ok(contract.safe && operation['x-max-cache-seconds'] > 0)
      const fields = Object.keys(operation.responses['200']?.headers ?? {})
      for (const field of ['ETag', 'Age', 'Cache-Control', 'Cache-Status']) {
        assert.ok(fields.includes(field), `the answer does not document ${field}`)
      }
      if (contract.method === 'GET') assert.ok(operation.responses['304'])
    } else {
      assert.equal(operation.responses['200']?.headers?.ETag, undefined)
    }
  })

  test(`${name} documents its end, if it is deprecated`, () => {
    if (!operation.deprecated) return
    const fields = Object.keys(operation.responses['200']?.headers ?? {})
    for (const field of ['Deprecation', 'Sunset', 'Link']) assert.ok(fields.includes(field), field)
  })
}
