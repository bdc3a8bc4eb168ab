import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rows, runningSandbox, SHIRT } from './running-sandbox.ts'

test('an order gets a number of its own and is found by the reference it was given', async t => {
  const { client } = await runningSandbox(t)
  const created = await client.createOrder('web-1')
  assert.deepEqual(created.body, {
    TYPE: 'S',
    VBELN: '0010000001',
    BSTNK: 'web-1',
    STATUS: 'OFFEN',
    BELSEQ: '0000000001',
    SEQNR: '0000000001',
  })
  const [found] = rows(await client.get('/erp/orders?ref=web-1'), 'ET_BELEG')
  const { body } = await client.get('/erp/orders/0010000001')
  assert.deepEqual(body.ES_BELEG, found)
  assert.deepEqual(found?.POSITIONEN, [
    {
      POSNR: '000010',
      MATNR: SHIRT,
      WERKS: '1000',
      KWMENG: '2,000',
      MEINS: 'ST',
      NETPR: '14,90',
      LFMNG: '0,000',
    },
  ])
  assert.deepEqual(rows(await client.get('/erp/orders?ref=web-2'), 'ET_BELEG'), [])
})

test('an order that leaves in parts tells how much of each position has left', async t => {
  const { client } = await runningSandbox(t)
  await client.createOrder('web-1')
  const number = '0010000001'
  const onHand = async () => {
    const { body } = await client.post('/erp/stock/read', {
      IT_MATWRK: [{ MATNR: SHIRT, WERKS: '1000' }],
    })
    return Number.parseInt(String(rows({ body } as never, 'ET_BESTAND')[0]?.LABST), 10)
  }
  const before = await onHand()
  const ship = (quantity: number) =>
    client.post('/_control/order', {
      number,
      state: 'shipped',
      lines: [{ sku: '100001', location: 'DC-EAST', quantity }],
    })
  assert.equal((await ship(1)).body.state, 'OFFEN')
  assert.equal(await onHand(), before - 1)
  const [order] = rows(await client.get('/erp/orders?ref=web-1'), 'ET_BELEG')
  const [position] = (order?.POSITIONEN ?? []) as { LFMNG: string }[]
  assert.equal(position?.LFMNG, '1,000')
  assert.equal((await client.post(`/erp/orders/${number}/cancel`, {})).body.TYPE, 'E')
  assert.equal((await ship(2)).status, 409)
  assert.equal((await ship(1)).body.state, 'GELIEFERT')
  assert.equal(await onHand(), before - 2)
  // What is invoiced has left; here it had.
  await client.post('/_control/order', { number, state: 'invoiced' })
  assert.equal(await onHand(), before - 2)
})

test('the ERP does not notice that an order was sent twice: others must look first', async t => {
  const { client } = await runningSandbox(t)
  await client.createOrder('web-1')
  await client.createOrder('web-1')
  assert.equal(rows(await client.get('/erp/orders?ref=web-1'), 'ET_BELEG').length, 2)
})

test('an order with something wrong in it posts nothing', async t => {
  const { client } = await runningSandbox(t)
  const good = { MATNR: SHIRT, WERKS: '1000', KWMENG: '1,000' }
  const order = { BSTNK: 'web-1', VTWEG: '10', WAERK: 'EUR', POSITIONEN: [good] }
  for (const wrong of [
    { ...order, BSTNK: '' },
    { ...order, BSTNK: 'x'.repeat(36) },
    { ...order, VTWEG: '99' },
    { ...order, POSITIONEN: [] },
    { ...order, POSITIONEN: [good, { ...good, MATNR: '100001' }] },
    { ...order, POSITIONEN: [{ ...good, WERKS: '9999' }] },
    { ...order, POSITIONEN: [{ ...good, KWMENG: '1.000' }] },
    { ...order, POSITIONEN: [{ ...good, KWMENG: '1,500' }] },
    { ...order, POSITIONEN: [{ ...good, KWMENG: '-1,000' }] },
    { ...order, POSITIONEN: [{ ...good, MEINS: 'KG' }] },
    { ...order, POSITIONEN: [{ ...good, NETPR: '1.50' }] },
  ]) {
    const answer = await client.post('/erp/orders', wrong)
    assert.equal(answer.body.TYPE, 'E', JSON.stringify(wrong))
  }
  assert.deepEqual(rows(await client.get('/_control/documents'), 'items'), [])
})

test('stock moves when goods do: not by the order, but by its goods issue', async t => {
  const { client } = await runningSandbox(t)
  await client.createOrder('web-1')
  assert.equal(await client.stockOf(SHIRT, '1000'), '40,000')
  const shipped = await client.post('/_control/order', { number: '0010000001', state: 'shipped' })
  assert.equal(shipped.body.state, 'GELIEFERT')
  assert.equal(await client.stockOf(SHIRT, '1000'), '38,000')
  const [issue] = rows(await client.get('/_control/documents?type=movement'), 'items')
  assert.equal(issue?.reference, 'web-1')
  const invoiced = await client.post('/_control/order', { number: '0010000001', state: 'invoiced' })
  assert.equal(invoiced.body.state, 'FAKTURIERT')
})

test('what has been shipped or cancelled is neither cancelled nor shipped again', async t => {
  const { client } = await runningSandbox(t)
  await client.createOrder('web-1')
  await client.createOrder('web-2')
  await client.post('/_control/order', { number: '0010000001', state: 'shipped' })
  assert.equal((await client.post('/erp/orders/0010000001/cancel', {})).body.TYPE, 'E')
  assert.equal((await client.post('/erp/orders/0010000002/cancel', {})).body.STATUS, 'STORNIERT')
  const late = await client.post('/_control/order', { number: '0010000002', state: 'shipped' })
  assert.equal(late.status, 409)
  assert.equal(await client.stockOf(SHIRT, '1000'), '38,000')
})

test('an ERP that nets its orders tells less stock from the order on, and no less when it ships', async t => {
  const { client } = await runningSandbox(t, { quantitySemantics: 'NET_OF_ERP_ORDERS' })
  await client.createOrder('web-1', '3,000')
  assert.equal(await client.stockOf(SHIRT, '1000'), '37,000')
  const log = rows(await client.get('/erp/changes?after=0'), 'ET_AENDERUNG')
  assert.deepEqual([log[0]?.OBJEKT, log[0]?.WERKS], ['MARD', '1000'])
  await client.post('/_control/order', { number: '0010000001', state: 'shipped' })
  assert.equal(await client.stockOf(SHIRT, '1000'), '37,000')
  await client.createOrder('web-2', '1,000')
  await client.post('/erp/orders/0010000002/cancel', {})
  assert.equal(await client.stockOf(SHIRT, '1000'), '37,000')
})

test('a movement adds up its lines and tells the sequence that contains it', async t => {
  const { client } = await runningSandbox(t)
  const line = { MATNR: SHIRT, WERKS: '1002', MENGE: '-30,000' }
  const posted = await client.post('/erp/movements', {
    XBLNR: 'till-12-88',
    BWART: '251',
    BUDAT: '20261123',
    POSITIONEN: [line, line],
  })
  assert.equal(posted.body.MBLNR, '4900000001')
  const read = await client.readStock([SHIRT, '1002'])
  assert.equal(rows(read, 'ET_BESTAND')[0]?.LABST, '-20,000')
  assert.equal(read.body.SEQNR, posted.body.SEQNR)
})

test('a journal that does not balance is not posted', async t => {
  const { client } = await runningSandbox(t)
  const journal = (credit: string) => ({
    XBLNR: 'day-1',
    BUKRS: '1000',
    BUDAT: '20261123',
    WAERS: 'EUR',
    POSITIONEN: [
      { HKONT: '0000160000', SHKZG: 'S', WRBTR: '119,00' },
      { HKONT: '0000400000', SHKZG: 'H', WRBTR: credit },
    ],
  })
  assert.equal((await client.post('/erp/journals', journal('118,99'))).body.NUMBER, 'F5702')
  assert.equal((await client.post('/erp/journals', journal('119,00'))).body.BELNR, '1800000001')
})

test('returns and credits are kept and found by their reference', async t => {
  const { client } = await runningSandbox(t)
  await client.post('/erp/returns', {
    BSTNK: 'ret-1',
    VGBEL: '0010000001',
    POSITIONEN: [{ MATNR: SHIRT, WERKS: '1000', KWMENG: '1,000', AUGRU: '101' }],
  })
  await client.post('/erp/credits', {
    BSTNK: 'ref-1',
    VGBEL: '0060000001',
    WAERK: 'EUR',
    NETWR: '12,52',
    MWSBK: '2,38',
  })
  assert.equal(rows(await client.get('/erp/returns?ref=ret-1'), 'ET_BELEG')[0]?.VBELN, '0060000001')
  assert.equal(rows(await client.get('/erp/credits?ref=ref-1'), 'ET_BELEG')[0]?.NETWR, '12,52')
  assert.equal(await client.stockOf(SHIRT, '1000'), '40,000')
  assert.deepEqual(
    rows(await client.get('/_control/documents'), 'items').map(({ type, reference }) => [
      type,
      reference,
    ]),
    [
      ['return', 'ret-1'],
      ['credit', 'ref-1'],
    ],
  )
})
