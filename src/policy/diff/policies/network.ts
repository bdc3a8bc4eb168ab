import type { ChannelPolicy, LocationPolicy } from '../../policy-set.ts'
import { added, type Report } from '../change.ts'
import { compareNumber } from '../numbers.ts'

/** Compares one location before and after. */
export function compareLocations(
  before: LocationPolicy,
  after: LocationPolicy,
  report: Report,
): void {
  if (before.region !== after.region) {
    const message = `region was ${before.region}, is now ${after.region}: who may see it changes`
    report('breaking', 'location-moved', message)
  }
  for (const key of ['type', 'legalEntity', 'country', 'timeZone'] as const) {
    if (before[key] === after[key]) continue
    report('risky', 'location-changed', `${key} was ${before[key]}, is now ${after[key]}`)
  }
}

/** Compares one channel before and after. */
export function compareChannels(before: ChannelPolicy, after: ChannelPolicy, report: Report): void {
  for (const currency of added(after.currencies, before.currencies)) {
    report('breaking', 'currency-removed', `does not sell in ${currency} any more`)
  }
  for (const currency of added(before.currencies, after.currencies)) {
    report('safe', 'currency-added', `sells in ${currency} as well`)
  }
  const [old, now] = [before.currencies[0], after.currencies[0]]
  if (old !== now) {
    report('breaking', 'default-currency-changed', `prices are ${now} where they were ${old}`)
  }
  for (const location of added(after.pool, before.pool)) {
    report('risky', 'pool-changed', `does not sell from ${location} any more`)
  }
  for (const location of added(before.pool, after.pool)) {
    report('risky', 'pool-changed', `sells from ${location} as well`)
  }
  for (const key of ['roundingMode', 'taxRounding'] as const) {
    if (before[key] === after[key]) continue
    report('risky', 'rounding-changed', `${key} was ${before[key]}, is now ${after[key]}`)
  }
  for (const name of ['bufferUnits', 'lowStockUnits', 'quoteTtlSeconds'] as const) {
    const meaning = {
      name,
      up: ['risky', 'channel-changed'],
      down: ['risky', 'channel-changed'],
    } as const
    compareNumber(meaning, before[name], after[name], report)
  }
}
