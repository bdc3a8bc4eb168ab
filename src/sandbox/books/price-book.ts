import { addDays } from '../format/erp-date.ts'
import type { PriceRecord } from './records.ts'

/**
 * Puts a condition record among the others. Where it overlaps with one for the same channel,
 * currency and customer group, the new one holds and the old one keeps what is left of its time,
 * so that no day ever has two prices.
 *
 * @returns the material's records as they are then
 */
export const withPrice = (
  records: readonly PriceRecord[],
  added: PriceRecord,
): readonly PriceRecord[] => [...records.flatMap(record => remains(record, added)), added]

function remains(record: PriceRecord, added: PriceRecord): readonly PriceRecord[] {
  const isApart = record.to < added.from || record.from > added.to
  if (isApart || !isForSame(record, added)) return [record]
  return [
    ...(record.from < added.from ? [{ ...record, to: addDays(added.from, -1) }] : []),
    ...(record.to > added.to ? [{ ...record, from: addDays(added.to, 1) }] : []),
  ]
}

const isForSame = (a: PriceRecord, b: PriceRecord): boolean =>
  a.vtweg === b.vtweg && a.currency === b.currency && a.konda === b.konda
