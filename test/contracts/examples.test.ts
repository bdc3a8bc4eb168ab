import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { type Media, published, type Schema } from './published.ts'

const ajv = new Ajv2020({ allErrors: true, strict: false })
addFormats.default(ajv)

/**
 * The same schema, allowing no member that it does not name. Published schemas are open, so that new
 * members break no client; in an example an unnamed member is a misspelt one.
 */
function closed(schema: Schema, inside = false): Schema {
  const { properties, items, allOf } = schema
  return {
    ...schema,
    ...(items && { items: closed(items) }),
    ...(allOf && { allOf: allOf.map(part => closed(part, true)) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, part]) => [name, closed(part)]),
      ),
    }),
    ...((properties || allOf) && !inside && { unevaluatedProperties: false }),
  }
}

function assertMatches(schema: Schema, value: unknown, what: string): void {
  const validate = ajv.compile(closed(schema))
  const fine = validate(value)
  assert.ok(fine, `${what}: ${ajv.errorsText(validate.errors)}`)
}

function assertExamples(media: Media, what: string): void {
  const named = Object.entries(media.examples ?? {}).map(([name, { value }]) => [name, value])
  const examples = [...named, ...(media.example === undefined ? [] : [['example', media.example]])]
  assert.ok(examples.length > 0, `${what} has no example`)
  for (const [name, value] of examples) assertMatches(media.schema, value, `${what} ${name}`)
}

// People copy examples before they read descriptions: one that the gateway refuses costs a support call.
for (const { name, operation } of published) {
  test(`${name}: every parameter's example is one that the gateway takes`, () => {
    for (const { name: parameter, example, schema } of operation.parameters ?? []) {
      assert.notEqual(example, undefined, `${parameter} has no example`)
      assertMatches(schema, example, parameter)
    }
  })

  test(`${name}: every body's example is what its schema says, requests and answers`, () => {
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
      assertExamples(media, `request ${type}`)
    }
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const [type, media] of Object.entries(content ?? {})) {
        assertExamples(media, `${status} ${type}`)
      }
    }
  })

  test(`${name}: every header field of an answer has an example that its schema takes`, () => {
    for (const [status, { headers }] of Object.entries(operation.responses)) {
      for (const [field, { schema, example }] of Object.entries(headers ?? {})) {
        assertMatches(schema, example, `${status} ${field}`)
      }
    }
  })
}
