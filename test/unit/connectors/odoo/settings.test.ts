import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import connector from '../../../../src/connectors/odoo/connector.json' with { type: 'json' }
import { odooConnector } from '../../../../src/connectors/odoo/odoo.ts'
import { OdooCredentials, OdooSettings } from '../../../../src/connectors/odoo/settings.ts'
import { findingsOf } from '../../../support/policy-folder.ts'

const EXAMPLE = readFileSync('docs/examples/erps/odoo.yaml', 'utf8')
const env = { ODOO_URL: 'https://odoo.example', ODOO_USER: 'gateway', ODOO_KEY: 'from outside' }

test('the form for people has the fields that the schema has, no more and no fewer', () => {
  const named = (part: string) =>
    connector.fields.filter(field => field.in === part).map(field => field.name)
  assert.deepEqual(named('settings').sort(), Object.keys(OdooSettings.properties).sort())
  assert.deepEqual(named('credentials').sort(), Object.keys(OdooCredentials.properties).sort())
})

test('the key is a secret', () => {
  assert.deepEqual(odooConnector.secrets, ['key'])
})

const problemsOf = async (t: Parameters<typeof findingsOf>[0], text: string) => {
  const deps = { env, connectors: new Map([['odoo', odooConnector]]) }
  // In the place of the shop's own connection, and serving what that served.
  const files = {
    'erps/erp-one.yaml': undefined,
    'erps/odoo.yaml': text.replace('[us-east]', '[south]'),
  }
  const findings = await findingsOf(t, files, deps)
  return findings.filter(finding => String(finding).includes('odoo.yaml'))
}

test('a protocol that there is not is found', async t => {
  const findings = await problemsOf(t, EXAMPLE.replace('api: json2', 'api: soap'))
  assert.ok(
    findings.some(finding => String(finding).includes('api')),
    String(findings),
  )
})
