import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addFormat('instant', true)
const policies = globSync('policies/**/*.yaml')

// What the editor underlines must be wrong, and what it offers must be right: both come from these.
for (const file of policies) {
  test(`${file} names its schema, and an editor finds nothing wrong with it`, () => {
    const text = readFileSync(file, 'utf8')
    const [, name = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? []
    const path = join(dirname(file), name)
    assert.ok(existsSync(path) && name, `${file} names no schema that exists`)
    const schema = JSON.parse(readFileSync(path, 'utf8'))
    ajv.removeSchema()
    assert.ok(ajv.validate(schema, parse(text)), ajv.errorsText(ajv.errors))
  })
}

test('an editor underlines what a connector does not know', () => {
  const schema = JSON.parse(readFileSync('policies/schema/erp.schema.json', 'utf8'))
  const erp = parse(readFileSync('policies/erps/sandbox.yaml', 'utf8'))
  erp.settings.cals = erp.settings.calls
  ajv.removeSchema()
  assert.equal(ajv.validate(schema, erp), false)
})
