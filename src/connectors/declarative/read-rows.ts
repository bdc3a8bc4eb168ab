import { asChannelId, asLocationId, asSku } from '../../model/brand.ts'
import type { ErpChange } from '../../model/erp-change.ts'
import { parseDecimal } from '../../model/money.ts'
import type { ErpDocument, ErpOrder, ErpOrderState } from '../../model/order.ts'
import type { ErpPrice, PriceKey } from '../../model/price.ts'
import { parseQuantity } from '../../model/quantity.ts'
import type { ErpStock } from '../../model/stock.ts'
import { MappingError } from './expression.ts'

type Row = Readonly<Record<string, unknown>>

/** The fields that a stock row of the mapping may have; the first four must be there. */
export const STOCK_FIELDS = [
  'sku',
  'location',
  'onHand',
  'uom',
  'gtin',
  'nextSupplyDate',
  'nextSupplyQuantity',
  'erpSeq',
]
export const STOCK_REQUIRED = ['sku', 'location', 'onHand', 'uom']

export const PRICE_FIELDS = [
  'sku', 'channel', 'currency', 'customerGroup', 'unitPrice', 'per', 'uom', 'minQuantity', 'taxIncluded',
  'taxCategory', 'taxRate', 'validFrom', 'validTo', 'wasPrice', 'priority', 'sourceVersion',
] // biome-ignore format: a list
export const PRICE_REQUIRED = ['sku', 'unitPrice', 'uom', 'taxIncluded', 'taxCategory']

/** @throws MappingError when a field is missing or not what it should be */
export function toStock(row: Row, requestedAt: number): ErpStock {
  const uom = text(row, 'uom')
  const gtin = optional(row, 'gtin')
  const date = optional(row, 'nextSupplyDate')
  const quantity = optional(row, 'nextSupplyQuantity')
  const seq = sequenceOf(row)
  return {
    sku: asSku(text(row, 'sku')),
    location: asLocationId(text(row, 'location')),
    onHand: exact('onHand', () => parseQuantity(text(row, 'onHand'), uom)),
    ...(gtin !== undefined && { gtin }),
    ...(date !== undefined &&
      quantity !== undefined && {
        nextSupply: {
          date,
          quantity: exact('nextSupplyQuantity', () => parseQuantity(quantity, uom)),
        },
      }),
    ...(seq !== undefined && { erpSeq: seq }),
    requestedAt,
  }
}

/**
 * @param key what was asked: channel, currency and group of a row that does not say them itself
 * @throws MappingError when a field is missing or not what it should be
 */
export function toPrice(row: Row, key: PriceKey, requestedAt: number): ErpPrice {
  const customerGroup = optional(row, 'customerGroup')
  const decimal = (name: string, fallback?: string) => {
    const given = optional(row, name) ?? fallback
    return given === undefined ? undefined : exact(name, () => parseDecimal(given))
  }
  const instant = (name: string) => {
    const given = optional(row, name)
    return given === undefined ? undefined : exact(name, () => safeInteger(given))
  }
  const required = (name: string, fallback?: string) => decimal(name, fallback) ?? missing(name)
  const [taxRate, wasPrice] = [decimal('taxRate'), decimal('wasPrice')]
  const [validFrom, validTo, priority] = [
    instant('validFrom'),
    instant('validTo'),
    instant('priority'),
  ]
  const sourceVersion = optional(row, 'sourceVersion')
  return {
    sku: asSku(text(row, 'sku')),
    channel: asChannelId(optional(row, 'channel') ?? key.channel),
    currency: optional(row, 'currency') ?? key.currency,
    ...(customerGroup !== undefined && { customerGroup }),
    unitPrice: required('unitPrice'),
    per: required('per', '1'),
    uom: text(row, 'uom'),
    minQuantity: required('minQuantity', '0'),
    taxIncluded: flag(row, 'taxIncluded'),
    taxCategory: text(row, 'taxCategory'),
    ...(taxRate && { taxRate }),
    ...(validFrom !== undefined && { validFrom }),
    ...(validTo !== undefined && { validTo }),
    ...(wasPrice && { wasPrice }),
    ...(priority !== undefined && { priority }),
    ...(sourceVersion !== undefined && { sourceVersion }),
    requestedAt,
  }
}

/** @throws MappingError when a field is missing or not what it should be */
export function toChange(row: Row): ErpChange {
  const kind = text(row, 'kind')
  const seq = sequenceOf(row)
  const erpSeq = seq === undefined ? {} : { erpSeq: seq }
  if (kind === 'order') return { kind, reference: optional(row, 'reference') ?? '', ...erpSeq }
  if (kind !== 'price' && kind !== 'stock') {
    throw new MappingError('row.kind is neither stock, price nor order')
  }
  const sku = asSku(text(row, 'sku'))
  if (kind === 'price') return { kind, sku, ...erpSeq }
  return { kind, sku, location: asLocationId(text(row, 'location')), ...erpSeq }
}

/** @throws MappingError when a field is missing or not what it should be */
export const toErpDocument = (row: Row): ErpDocument => ({
  number: text(row, 'number'),
  reference: text(row, 'reference'),
  seq: sequenceOf(row),
})

const ORDER_STATES: readonly string[] = ['OPEN', 'SHIPPED', 'INVOICED', 'CANCELLED', 'DRAFT']

/**
 * Rows of the same number are one order, told position by position.
 *
 * @throws MappingError when a field is missing or not what it should be
 */
export function ordersOf(rows: readonly Row[]): readonly ErpOrder[] {
  const byNumber = Map.groupBy(rows, row => text(row, 'number'))
  return [...byNumber.values()].map(positions => {
    const [row] = positions
    const state = text(row ?? {}, 'state')
    if (!ORDER_STATES.includes(state)) {
      throw new MappingError(`row.state is none of ${ORDER_STATES}`)
    }
    const parts = positions.flatMap(shippedPart)
    return {
      ...toErpDocument(row ?? {}),
      state: state as ErpOrderState | 'DRAFT',
      ...(parts.length > 0 && { shipped: parts }),
    }
  })
}

function shippedPart(row: Row) {
  const quantity = optional(row, 'shippedQuantity')
  if (quantity === undefined) return []
  const uom = text(row, 'shippedUom')
  return [
    {
      sku: asSku(text(row, 'shippedSku')),
      location: asLocationId(text(row, 'shippedLocation')),
      quantity: exact('shippedQuantity', () => parseQuantity(quantity, uom).micros),
    },
  ]
}

function sequenceOf(row: Row): bigint | undefined {
  const seq = optional(row, 'erpSeq')
  return seq === undefined ? undefined : exact('erpSeq', () => BigInt(seq))
}

function optional(row: Row, name: string): string | undefined {
  const value = row[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'object') throw new MappingError(`row.${name} is not a text or number`)
  return String(value)
}

const text = (row: Row, name: string): string => optional(row, name) ?? missing(name)

function flag(row: Row, name: string): boolean {
  const value = text(row, name)
  if (value === 'true' || value === 'false') return value === 'true'
  throw new MappingError(`row.${name} is neither true nor false`)
}

function missing(name: string): never {
  throw new MappingError(`row.${name} is missing`)
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('not an integer')
  return value
}

/** What the model cannot take breaks the mapping. */
function exact<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new MappingError(`row.${name} is not what it should be`)
  }
}
