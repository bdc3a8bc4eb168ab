import type { PriceTruth, StockTruth, WriteBooks } from './suite/erp-under-test.ts'

/*
 * What the sandbox ERP says of itself: its catalogue, and its prices for one quantity at a time, in its own
 * words. Nothing here is shared with the connector.
 */

type CatalogueItem = { sku: string; location: string; onHand: number }

/** Goods sold by weight are the family 65; all others are counted. */
const unitOf = (sku: string): string => (sku.startsWith('65') ? 'KGM' : 'EA')

/** Every 40th SKU, everywhere that it is kept. */
export async function readStockTruth(url: string): Promise<StockTruth[]> {
  const response = await fetch(`${url}/_control/catalogue`)
  const { items } = (await response.json()) as { items: CatalogueItem[] }
  const skus = [...new Set(items.map(item => item.sku))].filter((_, i) => i % 40 === 0)
  return items
    .filter(({ sku }) => skus.includes(sku))
    .map(({ sku, location, onHand }) => ({
      sku,
      location,
      onHand: String(onHand),
      uom: unitOf(sku),
    }))
}

/** The article that has every kind of price, in each channel, with and without its customer group. */
export async function readPriceTruth(url: string, password: string): Promise<PriceTruth[]> {
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const questions = [
    { channel: 'web', code: '10', quantities: [1, 9] },
    { channel: 'store', code: '20', quantities: [1] },
    { channel: 'b2b', code: '40', quantities: [1, 9, 10, 49, 50, 1000] },
    { channel: 'b2b', code: '40', group: 'TRADE', quantities: [1, 10, 1000] },
  ]
  const truth: PriceTruth[] = []
  for (const { channel, code, group, quantities } of questions) {
    for (const quantity of quantities) {
      const answer = await fetch(`${url}/erp/prices/read`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`POSTERN:${password}`)}` },
        body: JSON.stringify({
          IT_ANFRAGE: [
            {
              MATNR: '100001'.padStart(18, '0'),
              VTWEG: code,
              WAERK: 'EUR',
              PRSDT: today,
              MENGE: `${quantity},000`,
              ...(group && { KONDA: 'G1' }),
            },
          ],
        }),
      })
      const { ET_KONDITION: rows } = (await answer.json()) as {
        ET_KONDITION: { KONDA?: string; KBETR: string; BRUTTO: string }[]
      }
      const row = rows.find(({ KONDA }) => KONDA !== undefined) ?? rows[0]
      if (!row) throw new Error(`the sandbox has no price for ${channel}`)
      truth.push({
        sku: '100001',
        channel,
        currency: 'EUR',
        ...(group && { customerGroup: group }),
        quantity: String(quantity),
        unitPrice: row.KBETR.replace(',', '.').replace(/\.?0+$/, ''),
        uom: 'EA',
        taxIncluded: row.BRUTTO === 'J',
      })
    }
  }
  return truth
}

type Document = {
  number: string
  reference: string
  state: string
  content: { POSITIONEN: { MATNR: string; KWMENG: string; NETWR: string }[] }
}

const comma = (text: string): number => Number(text.replace(',', '.'))

/** Its orders as the control interface lists them. */
export const writeBooks = (url: string): WriteBooks => ({
  channel: 'web',
  currency: 'EUR',
  goods: ['100001', '100002'].map(sku => ({ sku, location: 'DC-EAST', uom: 'EA' })),
  async orders(reference) {
    const response = await fetch(`${url}/_control/documents?type=order`)
    const { items } = (await response.json()) as { items: Document[] }
    return items
      .filter(item => item.reference === reference)
      .map(({ number, state, content: { POSITIONEN: rows } }) => ({
        number,
        isCancelled: state === 'STORNIERT',
        net: rows.reduce((sum, { NETWR }) => sum + comma(NETWR), 0).toFixed(2),
        lines: rows.map(({ MATNR, KWMENG }) => ({
          sku: MATNR.replace(/^0+/, ''),
          quantity: comma(KWMENG),
        })),
      }))
  },
  async ship(number, lines) {
    const response = await fetch(`${url}/_control/order`, {
      method: 'POST',
      body: JSON.stringify({ number, state: 'shipped', lines }),
    })
    if (!response.ok) throw new Error(await response.text())
  },
})
