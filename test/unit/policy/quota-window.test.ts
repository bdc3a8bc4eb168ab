import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createQuotaWindow } from '../../../src/policy/quota-window.ts'

const HOUR = 3_600_000
const iso = (text: string) => Date.parse(text)
const period = (window: ReturnType<typeof createQuotaWindow>, at: string) => {
  const { startsAt, endsAt } = window.at(iso(at))
  return [new Date(startsAt).toISOString(), new Date(endsAt).toISOString()]
}

test('a day in Berlin has 23 hours when clocks go forward and 25 when they go back', () => {
  const day = createQuotaWindow('day', 'Europe/Berlin', '00:00')
  assert.deepEqual(period(day, '2026-03-29T10:00:00Z'), [
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ])
  assert.deepEqual(period(day, '2026-10-25T00:30:00Z'), [
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ])
})

// A receipt of 01:30 is of the evening before: a till must not get a new quota in the middle of a late sale.
test('a trading day that starts at four keeps the night with the evening before', () => {
  const day = createQuotaWindow('day', 'Europe/Berlin', '04:00')
  assert.deepEqual(period(day, '2026-11-23T02:59:59.999Z'), [
    '2026-11-22T03:00:00.000Z',
    '2026-11-23T03:00:00.000Z',
  ])
  assert.equal(period(day, '2026-11-23T03:00:00Z')[0], '2026-11-23T03:00:00.000Z')
})

test('a trading day that starts in the skipped hour starts when clocks have been put forward', () => {
  const day = createQuotaWindow('day', 'Europe/Berlin', '02:30')
  assert.equal(period(day, '2026-03-29T12:00:00Z')[0], '2026-03-29T01:30:00.000Z')
})

test('weeks start on Monday and months on the first, at the start of the trading day', () => {
  const week = createQuotaWindow('week', 'Europe/Berlin', '04:00')
  assert.deepEqual(period(week, '2026-11-23T02:00:00Z'), [
    '2026-11-16T03:00:00.000Z',
    '2026-11-23T03:00:00.000Z',
  ])
  const month = createQuotaWindow('month', 'Europe/Berlin', '04:00')
  assert.deepEqual(period(month, '2026-11-01T02:00:00Z'), [
    '2026-10-01T02:00:00.000Z',
    '2026-11-01T03:00:00.000Z',
  ])
})

test('the repeated hour of autumn is two hours, and half an hour at Lord Howe is its own', () => {
  const berlin = createQuotaWindow('hour', 'Europe/Berlin', '00:00')
  assert.equal(period(berlin, '2026-10-25T00:30:00Z')[1], '2026-10-25T01:00:00.000Z')
  assert.equal(period(berlin, '2026-10-25T01:30:00Z')[0], '2026-10-25T01:00:00.000Z')
  const howe = createQuotaWindow('hour', 'Australia/Lord_Howe', '00:00')
  // 2026-04-05 02:00 (+11:00) becomes 01:30 (+10:30), at 15:00 UTC of the day before.
  assert.deepEqual(period(howe, '2026-04-04T15:10:00Z'), [
    '2026-04-04T15:00:00.000Z',
    '2026-04-04T15:30:00.000Z',
  ])
})

// St. John's put clocks back at 00:01 until 2011: there a date began, ended and began again.
test('clocks that go back over midnight do not bring yesterday back', () => {
  const day = createQuotaWindow('day', 'America/St_Johns', '00:00')
  const first = day.at(iso('2010-11-07T02:30:30Z'))
  const again = day.at(iso('2010-11-07T03:00:00Z'))
  assert.ok(again.startsAt <= iso('2010-11-07T03:00:00Z'))
  assert.ok(again.endsAt > iso('2010-11-07T03:00:00Z'))
  assert.deepEqual(again, first)
})

test('an unknown time zone is refused when the window is made, not when it is used', () => {
  assert.throws(() => createQuotaWindow('day', 'Europe/Berln', '00:00'), RangeError)
})

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Havana',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'UTC',
]

// A gap would let a caller go uncounted, an overlap would count a call in two periods.
test('periods follow one another without gap or overlap, whatever the clocks do', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('hour', 'day', 'week', 'month'),
      fc.constantFrom(...ZONES),
      fc.constantFrom('00:00', '01:30', '02:30', '04:00', '23:30'),
      fc.integer({ min: iso('2005-01-01'), max: iso('2035-01-01') }),
      (name, zone, start, now) => {
        // Made anew each time, so that nothing is answered from the remembered period.
        const at = (ms: number) => createQuotaWindow(name, zone, start).at(ms)
        const here = at(now)
        assert.ok(here.startsAt <= now && now < here.endsAt)
        assert.deepEqual(at(here.startsAt), here)
        assert.deepEqual(at(here.endsAt - 1), here)
        assert.equal(at(here.endsAt).startsAt, here.endsAt)
        assert.equal(at(here.startsAt - 1).endsAt, here.startsAt)
      },
    ),
    { numRuns: 400 },
  )
})

test('around every change of clocks the periods still tile', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('hour', 'day'),
      fc.constantFrom(
        ['Europe/Berlin', '2026-10-25T01:00:00Z'],
        ['Europe/Berlin', '2026-03-29T01:00:00Z'],
        ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
        ['America/St_Johns', '2010-11-07T02:31:00Z'],
        ['America/Havana', '2026-11-01T05:00:00Z'],
        ['Pacific/Apia', '2011-12-30T10:00:00Z'],
      ),
      fc.constantFrom('00:00', '02:30', '04:00'),
      fc.integer({ min: -26 * HOUR, max: 26 * HOUR }),
      (name, [zone = '', change = ''], start, offset) => {
        const now = iso(change) + offset
        const at = (ms: number) => createQuotaWindow(name, zone, start).at(ms)
        const here = at(now)
        assert.ok(here.startsAt <= now && now < here.endsAt)
        assert.equal(at(here.endsAt).startsAt, here.endsAt)
        assert.deepEqual(at(here.endsAt - 1), here)
      },
    ),
    { numRuns: 600 },
  )
})
