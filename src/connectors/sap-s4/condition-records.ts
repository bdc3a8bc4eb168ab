import type { Temporal } from 'temporal-polyfill'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Sku } from '../../model/brand.ts'
import { compareDecimals, type Decimal, parseDecimal } from '../../model/money.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { SapClient } from './client.ts'
import { filtersOf, literal } from './query.ts'
import { MAX_FILTER_LENGTH, type PriceChannel, type SapS4Settings } from './settings.ts'
import { unitCode } from './units.ts'
import {
  dateLiteral,
  dateOf,
  decimalOf,
  isForEver,
  SapDate,
  SapDecimal,
  SapText,
  startOf,
} from './values.ts'

const Scale = Type.Object({
  ConditionScaleQuantity: Type.Union([SapDecimal, Type.Null()]),
  ConditionScaleQuantityUnit: SapText,
  ConditionRateValue: Type.Union([SapDecimal, Type.Null()]),
})
const ConditionRecord = Type.Object({
  ConditionTable: SapText,
  ConditionSequentialNumber: SapText,
  ConditionCalculationType: SapText,
  ConditionReleaseStatus: SapText,
  ConditionIsDeleted: Type.Union([Type.Boolean(), Type.Null()]),
  PricingScaleType: SapText,
  PricingScaleBasis: SapText,
  ConditionRateValue: Type.Union([SapDecimal, Type.Null()]),
  ConditionRateValueUnit: SapText,
  ConditionQuantity: Type.Union([SapDecimal, Type.Null()]),
  ConditionQuantityUnit: SapText,
})
const Validity = Type.Object({
  ConditionRecord: Type.String(),
  Material: SapText,
  ConditionValidityStartDate: SapDate,
  ConditionValidityEndDate: SapDate,
})
const Row = Type.Intersect([
  Validity,
  Type.Object({
    to_SlsPrcgConditionRecord: Type.Union([
      Type.Intersect([
        ConditionRecord,
        Type.Object({ to_SlsPrcgCndnRecordScale: Type.Object({ results: Type.Array(Scale) }) }),
      ]),
      Type.Null(),
    ]),
  }),
])
const Rows = Compile(Type.Array(Row))
type Row = Static<typeof Row>

const RECORD = 'to_SlsPrcgConditionRecord'
const SCALES = `${RECORD}/to_SlsPrcgCndnRecordScale`
const SELECT = [
  ...Object.keys(Validity.properties),
  ...Object.keys(ConditionRecord.properties).map(name => `${RECORD}/${name}`),
  ...Object.keys(Scale.properties).map(name => `${SCALES}/${name}`),
]

/** A list price in its validity: from `from` on, in `unit`, one pays `unitPrice` per `per`. */
export type ListPrice = {
  readonly sku: string
  readonly record: string
  readonly currency: string
  /** As SAP calls it. */
  readonly unit: string
  readonly uom: string
  readonly per: Decimal
  readonly steps: readonly { readonly from: Decimal; readonly unitPrice: Decimal }[]
  /** Epoch ms; `validTo` is exclusive and absent for ever. */
  readonly validFrom: number
  readonly validTo?: number
}

export type ListQuestion = {
  readonly channel: PriceChannel
  readonly skus: readonly Sku[]
  /** Prices that ended before are not asked for. */
  readonly from: Temporal.PlainDate
  /** The ERP's: a validity is from midnight to midnight there. */
  readonly timeZone: string
}

/**
 * List prices from condition records. Told are those whose key is no more than sales area and material:
 * released, not deleted, an amount per quantity, with scales by quantity from a threshold on.
 */
export async function readListPrices(
  { channel, skus, from, timeZone }: ListQuestion,
  client: SapClient,
  settings: SapS4Settings,
  exchange: Exchange,
): Promise<readonly ListPrice[]> {
  const rest = [
    '',
    `ConditionType eq ${literal(channel.conditionType ?? 'PPR0')}`,
    `SalesOrganization eq ${literal(channel.salesOrganization)}`,
    `DistributionChannel eq ${literal(channel.distributionChannel)}`,
    `ConditionValidityEndDate ge ${dateLiteral(from)}`,
  ].join(' and ')
  const maxLength = settings.maxFilterLength ?? MAX_FILTER_LENGTH
  const queries = filtersOf('Material', skus, rest, maxLength).map(filter => ({
    set: 'A_SlsPrcgCndnRecdValidity',
    filter,
    select: SELECT,
    expand: `${RECORD},${SCALES}`,
  }))
  const answers = await client.read('API_SLSPRICINGCONDITIONRECORD_SRV', queries, exchange)
  const rows = answers.flat()
  if (!Rows.Check(rows)) throw garbled('condition records of an unknown form', exchange)
  return rows.flatMap(row => toListPrice(row, channel, settings, timeZone) ?? [])
}

function toListPrice(
  row: Row,
  { conditionTable = '304' }: PriceChannel,
  { units }: SapS4Settings,
  timeZone: string,
): ListPrice | undefined {
  const record = row.to_SlsPrcgConditionRecord
  const unit = record?.ConditionQuantityUnit
  const currency = record?.ConditionRateValueUnit
  if (!record || !row.Material || !unit || !currency) return undefined
  if (record.ConditionTable !== conditionTable || !isPlain(record)) return undefined
  const uom = unitCode(unit, units)
  const steps = stepsOf(record, unit, uom)
  const per = record.ConditionQuantity ? decimalOf(record.ConditionQuantity) : ONE
  if (!steps || per.digits <= 0n) return undefined
  const last = dateOf(row.ConditionValidityEndDate)
  return {
    sku: row.Material,
    record: row.ConditionRecord,
    currency,
    unit,
    uom,
    per,
    steps,
    validFrom: startOf(dateOf(row.ConditionValidityStartDate), timeZone),
    ...(!isForEver(last) && { validTo: startOf(last.add({ days: 1 }), timeZone) }),
  }
}

type Conditions = NonNullable<Row['to_SlsPrcgConditionRecord']>

const ZERO = parseDecimal('0')
const ONE = parseDecimal('1')

/** `C` is an amount per quantity; a percentage or a fixed amount is no unit price. */
const isPlain = (record: Conditions): boolean =>
  !record.ConditionIsDeleted &&
  !record.ConditionReleaseStatus &&
  record.ConditionCalculationType === 'C' &&
  Number(record.ConditionSequentialNumber || '1') === 1

/**
 * Lowest first. Pieces are sold from one on; what is weighed or measured, from any amount on.
 *
 * @returns undefined where a scale cannot be told truly: half of it would be a wrong price
 */
function stepsOf(record: Conditions, unit: string, uom: string): ListPrice['steps'] | undefined {
  const scales = record.to_SlsPrcgCndnRecordScale.results
  const isKnown =
    ['', 'A'].includes(record.PricingScaleType ?? '') &&
    ['', 'C'].includes(record.PricingScaleBasis ?? '') &&
    scales.every(scale => scale.ConditionScaleQuantityUnit === unit)
  if (scales.length && !isKnown) return undefined
  const smallest = uom === 'EA' ? ONE : ZERO
  const lines = [
    { from: smallest, rate: record.ConditionRateValue },
    ...scales.map(scale => {
      const own = decimalOf(scale.ConditionScaleQuantity ?? '0')
      const from = compareDecimals(own, smallest) < 0 ? smallest : own
      return { from, rate: scale.ConditionRateValue }
    }),
  ]
  const steps: { from: Decimal; unitPrice: Decimal }[] = []
  for (const { from, rate } of lines) {
    const unitPrice = decimalOf(rate ?? '0')
    if (unitPrice.digits <= 0n) return undefined
    const same = steps.findIndex(step => compareDecimals(step.from, from) === 0)
    if (same >= 0) steps[same] = { from, unitPrice }
    else steps.push({ from, unitPrice })
  }
  return steps.toSorted((a, b) => compareDecimals(a.from, b.from))
}
