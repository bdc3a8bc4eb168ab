import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rows, runningSandbox, SHIRT } from './running-sandbox.ts'

test('nobody reads anything without the right user and password', async t => {
  const { client } = await runningSandbox(t, { password: 'geheim' })
  for (const authorization of ['', `Basic ${btoa('POSTERN:sandbox')}`, 'Bearer x', 'Basic ?']) {
    client.authorization = authorization
    const answer = await client.get('/erp/ping')
    assert.equal(answer.status, 401, authorization)
    assert.equal(answer.body.TYPE, 'A')
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic /)
  }
  client.authorization = `Basic ${btoa('POSTERN:geheim')}`
  assert.equal((await client.get('/erp/ping')).body.SYSTEM, 'SBX')
})

test('stock is told in the ERP’s words, with the sequence it contains', async t => {
  const { client } = await runningSandbox(t)
  const { body } = await client.readStock([SHIRT, '1000'])
  assert.deepEqual(body, {
    TYPE: 'S',
    SEQNR: '0000000000',
    TIMESTAMP: '20261123120000',
    ET_BESTAND: [
      { MATNR: SHIRT, WERKS: '1000', LABST: '40,000', MEINS: 'ST', EAN11: '9520000000011' },
    ],
  })
})

test('a material number without its zeros, in small letters or unknown is left out', async t => {
  const { client } = await runningSandbox(t)
  const answer = await client.readStock(
    ['100001', '1000'],
    ['tee-classic-m-blk', '1000'],
    ['000000000000999999', '1000'],
    [SHIRT, '9999'],
    ['TEE-CLASSIC-M-BLK', '1000'],
  )
  assert.deepEqual(
    rows(answer, 'ET_BESTAND').map(row => row.MATNR),
    ['TEE-CLASSIC-M-BLK'],
  )
})

test('a business no is an envelope inside HTTP 200', async t => {
  const { client } = await runningSandbox(t)
  const tooMany = Array.from({ length: 201 }, () => [SHIRT, '1000'] as const)
  for (const answer of [
    await client.readStock(),
    await client.readStock(...tooMany),
    await client.post('/erp/stock/read', []),
    await client.post('/erp/stock/read', { IT_MATWRK: [{ MATNR: 100001, WERKS: '1000' }] }),
    await client.get('/erp/orders/0010000099'),
    await client.get('/erp/orders'),
    await client.get('/erp/changes?after=-1'),
  ]) {
    assert.equal(answer.status, 200)
    assert.equal(answer.body.TYPE, 'E', answer.text)
    assert.ok(answer.body.NUMBER && answer.body.MESSAGE)
  }
})

test('what is no service, no JSON or too large is refused by HTTP', async t => {
  const { client } = await runningSandbox(t)
  assert.equal((await client.get('/erp/nothing')).status, 404)
  assert.equal((await client.post('/erp/stock/read', '{"IT_MATWRK":')).status, 400)
  assert.equal((await client.post('/erp/stock/read', ' '.repeat(1_100_000))).status, 413)
})

test('prices come a row per scale step, the group’s beside the list’s', async t => {
  const { client } = await runningSandbox(t)
  const question = { MATNR: SHIRT, VTWEG: '40', WAERK: 'EUR', KONDA: 'G1', PRSDT: '20261123' }
  const ask = async (changes: object) =>
    rows(
      await client.post('/erp/prices/read', { IT_ANFRAGE: [{ ...question, ...changes }] }),
      'ET_KONDITION',
    )
  const steps = await ask({})
  assert.deepEqual(
    steps.map(row => [row.KONDA, row.KSTBM, row.KBETR]),
    [
      [undefined, '1,000', '10,02'],
      [undefined, '10,000', '9,52'],
      [undefined, '50,000', '9,02'],
      ['G1', '1,000', '8,81'],
      ['G1', '10,000', '8,37'],
      ['G1', '50,000', '7,93'],
    ],
  )
  assert.deepEqual(
    (await ask({ MENGE: '12,000' })).map(row => row.KSTBM),
    ['10,000', '10,000'],
  )
  assert.equal((await ask({ KONDA: '' })).length, 3)
  assert.deepEqual(await ask({ MENGE: '0,000' }), [])
  assert.deepEqual(await ask({ PRSDT: '19991231' }), [])
  assert.deepEqual(await ask({ WAERK: 'CHF' }), [])
})

test('a shop price says its tax, and that it includes it', async t => {
  const { client } = await runningSandbox(t)
  const answer = await client.post('/erp/prices/read', {
    IT_ANFRAGE: [{ MATNR: SHIRT, VTWEG: '10', WAERK: 'EUR' }],
  })
  const [row] = rows(answer, 'ET_KONDITION')
  assert.deepEqual(
    [row?.KBETR, row?.KONWA, row?.KPEIN, row?.KMEIN, row?.TAXM1, row?.MWSBP, row?.BRUTTO],
    ['14,90', 'EUR', '1', 'ST', '1', '19,00', 'J'],
  )
})

test('a new price holds for its days, and the old one before and after', async t => {
  const { client } = await runningSandbox(t)
  const written = await client.post('/erp/prices/write', {
    MATNR: SHIRT,
    VTWEG: '10',
    KONWA: 'EUR',
    DATAB: '20261127',
    DATBI: '20261130',
    STAFFEL: [{ KSTBM: '1,000', KBETR: '9,90' }],
    STREICHPREIS: '14,90',
  })
  assert.equal(written.body.TYPE, 'S', written.text)
  const onDay = async (PRSDT: string) => {
    const IT_ANFRAGE = [{ MATNR: SHIRT, VTWEG: '10', WAERK: 'EUR', PRSDT }]
    const found = rows(await client.post('/erp/prices/read', { IT_ANFRAGE }), 'ET_KONDITION')
    return found.map(row => [row.KBETR, row.DATAB, row.DATBI, row.STREICHPREIS])
  }
  assert.deepEqual(await onDay('20261126'), [['14,90', '20250101', '20261126', undefined]])
  assert.deepEqual(await onDay('20261127'), [['9,90', '20261127', '20261130', '14,90']])
  assert.deepEqual(await onDay('20261201'), [['14,90', '20261201', '99991231', undefined]])
  const log = rows(await client.get('/erp/changes?after=0'), 'ET_AENDERUNG')
  assert.deepEqual([log[0]?.OBJEKT, log[0]?.MATNR], ['KONP', SHIRT])
})

test('whoever follows the changes page by page sees each once and in order', async t => {
  const { client } = await runningSandbox(t)
  for (let onHand = 1; onHand <= 5; onHand++) {
    await client.post('/_control/stock', { sku: '100001', location: 'DC-EAST', onHand })
  }
  await client.createOrder('web-1')
  const seen: unknown[] = []
  let page = await client.get('/erp/changes?after=0&limit=2')
  for (;;) {
    seen.push(...rows(page, 'ET_AENDERUNG').map(row => row.SEQNR))
    if (page.body.MEHR === 'N') break
    page = await client.get(`/erp/changes?after=${page.body.SEQNR}&limit=2`)
  }
  assert.deepEqual(
    seen,
    [1, 2, 3, 4, 5, 6].map(seq => `000000000${seq}`),
  )
  const order = rows(await client.get('/erp/changes?after=5'), 'ET_AENDERUNG')
  assert.deepEqual([order[0]?.OBJEKT, order[0]?.BSTNK], ['VBAK', 'web-1'])
  assert.equal(page.body.SEQNR, '0000000006')
})
