import assert from 'node:assert/strict'
import { test } from 'node:test'
import connector from '../../../../src/connectors/tryton/connector.json' with { type: 'json' }
import { TrytonCredentials, TrytonSettings } from '../../../../src/connectors/tryton/settings.ts'
import { trytonConnector } from '../../../../src/connectors/tryton/tryton.ts'
import { unitCode } from '../../../../src/connectors/tryton/units.ts'

test('the form for people has the fields that the schema has, no more and no fewer', () => {
  const named = (part: string) =>
    connector.fields.filter(field => field.in === part).map(field => field.name)
  assert.deepEqual(named('settings').sort(), Object.keys(TrytonSettings.properties).sort())
  assert.deepEqual(named('credentials').sort(), Object.keys(TrytonCredentials.properties).sort())
})

test('the password is a secret', () => {
  assert.deepEqual(trytonConnector.secrets, ['password'])
})

test('prices are offered where price lists are named, orders where customers are', () => {
  const offers = (settings: object) =>
    new Set(trytonConnector.offers({ database: 'retail', ...settings }))
  assert.deepEqual(offers({}), new Set(['inventory', 'movements']))
  const priceLists = { channels: { web: 'Retail' } }
  assert.ok(offers({ priceLists }).has('pricing'))
  assert.ok(offers({ orders: { customers: { web: 'WEB' } } }).has('orders'))
})

test('a unit has its UN/ECE code; one that nobody named is mutually defined', () => {
  assert.equal(unitCode('u'), 'EA')
  assert.equal(unitCode('kg'), 'KGM')
  assert.equal(unitCode('pal', { pal: 'PF' }), 'PF')
  assert.equal(unitCode('pal'), 'ZZ')
})
