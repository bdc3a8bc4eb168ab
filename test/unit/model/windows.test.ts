import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWindows, type Window } from '../../../src/model/windows.ts'

const at = (text: string) => Date.parse(text)
const told = ({ within, until }: { within: boolean; until: number }) => [
  within,
  Number.isFinite(until) ? new Date(until).toISOString() : 'never',
]

const office: Window = {
  kind: 'weekly',
  days: ['mo', 'tu', 'we', 'th', 'fr'],
  from: '09:00',
  to: '18:00',
  timeZone: 'Europe/Berlin',
  except: ['2026-12-24'],
}

test('office hours open at nine local time, summer and winter', () => {
  const hours = createWindows([office])
  assert.deepEqual(told(hours.at(at('2026-07-06T06:59:59Z'))), [false, '2026-07-06T07:00:00.000Z'])
  assert.deepEqual(told(hours.at(at('2026-07-06T07:00:00Z'))), [true, '2026-07-06T16:00:00.000Z'])
  assert.deepEqual(told(hours.at(at('2026-11-23T07:59:00Z'))), [false, '2026-11-23T08:00:00.000Z'])
})

test('Friday evening lasts until Monday, and a day that is excepted does not open', () => {
  const hours = createWindows([office])
  assert.deepEqual(told(hours.at(at('2026-11-27T17:00:00Z'))), [false, '2026-11-30T08:00:00.000Z'])
  assert.deepEqual(told(hours.at(at('2026-12-23T17:00:00Z'))), [false, '2026-12-25T08:00:00.000Z'])
})

test('a night window runs into the next day, an hour longer when clocks go back', () => {
  const night = createWindows([{ ...office, days: ['sa'], from: '22:00', to: '06:00', except: [] }])
  assert.deepEqual(told(night.at(at('2026-10-24T21:00:00Z'))), [true, '2026-10-25T05:00:00.000Z'])
  assert.equal(
    night.at(at('2026-10-24T20:00:00Z')).until - at('2026-10-24T20:00:00Z'),
    9 * 3_600_000,
  )
})

test('windows that touch or overlap are one', () => {
  const windows = createWindows([
    { kind: 'once', from: 100, to: 200 },
    { kind: 'once', from: 200, to: 300 },
    { kind: 'once', from: 250, to: 280 },
  ])
  assert.deepEqual(windows.at(99), { within: false, until: 100 })
  assert.deepEqual(windows.at(150), { within: true, until: 300 })
  assert.deepEqual(windows.at(300), { within: false, until: Number.POSITIVE_INFINITY })
})

test('no windows: never within, for ever', () => {
  assert.deepEqual(createWindows([]).at(5), { within: false, until: Number.POSITIVE_INFINITY })
})

test('an instant is within exactly when one of the windows holds it, and stays so until the change', () => {
  const once = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 200 }))
    .map(([from, length]): Window => ({ kind: 'once', from, to: from + length }))
  fc.assert(
    fc.property(
      fc.array(once, { maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 1300 })),
      (list, asked) => {
        const windows = createWindows(list)
        const holds = (now: number) =>
          list.some(w => w.kind === 'once' && w.from <= now && now < w.to)
        for (const now of asked) {
          const { within, until } = windows.at(now)
          assert.equal(within, holds(now))
          if (!Number.isFinite(until)) continue
          assert.equal(holds(until), !within)
          assert.equal(holds(until - 1), within)
        }
      },
    ),
  )
})
