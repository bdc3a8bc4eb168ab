import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { forgetAnswers } from '../../src/composition/expiry.ts'
import { silentLogger } from '../../src/kernel/logger.ts'
import { ChainVerifier } from '../../src/model/audit.ts'
import { createAuditTrail } from '../../src/store/audit-trail.ts'
import type { Database } from '../../src/store/database.ts'
import { createMemoryLimits } from '../../src/store/memory-limits.ts'
import { type Migration, migrate } from '../../src/store/migrate.ts'
import { createQuotaUsage } from '../../src/store/quota-usage.ts'
import { createStore } from '../../src/store/store.ts'
import { createVersionUsage } from '../../src/store/version-usage.ts'
import { calendarWindow } from '../support/calendar-window.ts'
import { TestClock } from '../support/test-clock.ts'

export type DatabaseSuite = {
  readonly name: string
  readonly skip?: string | undefined
  /** Opens the same database each time. */
  open(): Promise<Database>
}

const DAY = 86_400_000
const NO_JOBS = { within: () => ({ post: async () => {} }) }
const migration = (number: number, sql: string): Migration => ({
  number,
  name: `000${number}_test.sql`,
  sql,
  checksum: `sum of ${sql}`,
})

/** What every database engine promises to the store. */
export function runDatabaseSuite({ name, skip, open }: DatabaseSuite): void {
  describe(`the store on ${name}`, { skip }, () => {
    let db: Database
    before(async () => {
      db = await open()
    })
    after(() => db?.close())

    it('reads 64-bit integers as numbers and text arrays as they were given', async () => {
      const [row] = await db.query(`select $1::bigint as "at", $2::text[] as "words"`, [
        1_795_435_200_000,
        ['a,b', '"c"', ''],
      ])
      assert.deepEqual({ ...row }, { at: 1_795_435_200_000, words: ['a,b', '"c"', ''] })
    })

    it('keeps nothing of a transaction that failed', async () => {
      await db.script('create table attempts (n int)')
      const failing = db.transaction(async tx => {
        await tx.query('insert into attempts values (1)')
        throw new Error('changed my mind')
      })
      await assert.rejects(failing, /changed my mind/)
      assert.deepEqual(await db.query('select * from attempts'), [])
      await db.transaction(tx => tx.query('insert into attempts values (2)'))
      assert.equal((await db.query('select * from attempts')).length, 1)
    })

    it('never lowers a used quota by a late write, and drops periods that have passed', async () => {
      const store = createQuotaUsage(db)
      const today = { key: 'acme', window: 'day', startsAt: 10 * DAY, endsAt: 11 * DAY }
      await store.save([
        { ...today, used: 7 },
        { ...today, key: 'other', used: 1 },
      ])
      await store.save([{ ...today, used: 5 }])
      await store.save([])
      const loaded = await store.load(10 * DAY)
      assert.deepEqual(loaded.map(u => [u.key, u.used]).sort(), [
        ['acme', 7],
        ['other', 1],
      ])
      assert.deepEqual({ ...loaded.find(u => u.key === 'acme') }, { ...today, used: 7 })
      await store.save([{ ...today, startsAt: 11 * DAY, endsAt: 12 * DAY, used: 2 }])
      const rows = await db.query(`select used from quota_usage where consumer = 'acme'`)
      assert.deepEqual(
        rows.map(row => ({ ...row })),
        [{ used: 2 }],
      )
      assert.deepEqual(await store.load(12 * DAY), [])
    })

    // Without this every deployment would hand each consumer a fresh quota.
    it('lets a consumer go on after a restart with the quota it had left', async () => {
      const quota = { units: 10, window: calendarWindow('month', 'Europe/Berlin') }
      const start = async () => {
        const clock = new TestClock()
        const quotaStore = createQuotaUsage(db)
        const counter = createMemoryLimits({ clock, maxKeys: 9, quotaStore, logger: silentLogger })
        await counter.ready
        return { counter, call: () => counter.admit('restarting', { quota }, 4, clock.now()) }
      }
      const before = await start()
      before.call()
      before.call()
      await before.counter.close()
      const after = await start()
      assert.equal(after.call().violated, 'quota')
      await after.counter.close()
    })

    it('chains audit records without gap or fork, however many write at once, and lets none be changed', async () => {
      const trail = createAuditTrail(db, new TestClock())
      const [before = { seq: 0 }] = (await trail.read(0, 1000)).slice(-1)
      const entry = { who: 'ada', subject: 'cache', detail: { n: 1, words: 'ä"\n' } }
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => trail.append({ ...entry, action: `admin.${n}` })),
      )
      const records = await trail.read(0, 1000)
      assert.deepEqual(
        records.slice(-12).map(({ seq }) => seq),
        Array.from({ length: 12 }, (_, n) => before.seq + n + 1),
      )
      const verifier = new ChainVerifier()
      for (const record of records) verifier.add(record)
      assert.deepEqual(verifier.result().faults, [])
      for (const tampering of [
        "update audit set who = 'eve'",
        'delete from audit',
        'truncate audit',
      ]) {
        await assert.rejects(db.query(tampering), /append-only/)
      }
    })

    it('records a change of policies once, however many processes see it', async () => {
      const trail = createAuditTrail(db, new TestClock())
      const change = (from: string, to: string) =>
        trail.append({
          action: 'policies.applied',
          who: 'x',
          subject: 'policies',
          from,
          to,
          detail: {},
        })
      assert.ok(await change('a', 'b'))
      assert.equal(await change('a', 'b'), undefined)
      assert.ok(await change('b', 'a'))
      assert.ok(await change('a', 'b'))
    })

    it('adds up who calls what will go, by consumer, over processes and restarts', async () => {
      const clock = new TestClock()
      const counting = () => createVersionUsage(db, { clock, logger: silentLogger })
      const use = { api: 'shop', version: 'v1', operation: 'getThing', consumer: 'acme' }
      const [one, other] = [counting(), counting()]
      for (let n = 0; n < 3; n++) one.count(use)
      other.count(use)
      other.count({ ...use, consumer: 'zeta' })
      await one.close()
      await other.close()
      const reading = counting()
      const told = (await reading.report(30)).map(({ consumer, calls, lastDay }) => [
        consumer,
        calls,
        lastDay,
      ])
      assert.deepEqual(told, [
        ['acme', 4, '2026-11-23'],
        ['zeta', 1, '2026-11-23'],
      ])
      await clock.advance(30 * DAY)
      assert.deepEqual(await reading.report(30), [])
      await reading.close()
    })

    it('keeps answers for a week, and then forgets them', async () => {
      const clock = new TestClock()
      const store = createStore(db, { clock, jobs: NO_JOBS })
      const answer = { fingerprint: 'f', status: 201, headers: [], contentType: 'x', body: '{}' }
      const id = (key: string) => ({ consumer: 'shop', operation: 'createOrder', key })
      const keep = (key: string) => store.write(tx => tx.idempotency.keep(id(key), answer))
      const isKept = async (key: string) =>
        (await store.read.idempotency.find(id(key))) !== undefined
      await keep('old')
      await clock.advance(6 * DAY)
      await keep('new')
      const forgetting = forgetAnswers(store, { clock, logger: silentLogger })
      await clock.advance(DAY - 120_000)
      await clock.advance(60_000)
      assert.ok(await isKept('old'))
      while (await isKept('old')) await clock.advance(60_000)
      assert.ok(await isKept('new'))
      await forgetting.close()
    })

    it('books only what balances, once, and for ever', async () => {
      const store = createStore(db, { clock: new TestClock(), jobs: NO_JOBS })
      const line = (account: string, side: 'D' | 'C', amountMinor: bigint) => ({
        ...{ account, side, amountMinor },
        dimensions: { channel: 'web' },
      })
      const entry = {
        kind: 'R3',
        book: 'retail-eu',
        currency: 'EUR',
        causedBy: { type: 'refund', id: 'rfd_1' },
        businessDate: '2026-11-24',
        recordedAt: 1,
        lines: [line('2300', 'D', 5_400n), line('1200', 'C', 5_400n)],
      }
      const post = (more: Partial<typeof entry> = {}) =>
        store.write(tx => tx.journal.post({ ...entry, ...more }))
      assert.equal(await post(), true)
      assert.equal(await post(), false)
      const wrong = [line('2300', 'D', 5_400n), line('1200', 'C', 5_399n)]
      await assert.rejects(post({ kind: 'R4', lines: wrong }), RangeError)
      await assert.rejects(post({ kind: 'R4', lines: [] }), RangeError)
      const [first] = await store.read.journal.entriesOf(entry.causedBy)
      assert.ok(first)
      assert.deepEqual(first, { ...entry, id: first.id })
      // Whoever writes past the code is refused by the database itself, when the transaction ends.
      const smuggle = db.query(
        `insert into journal_line (entry_id, line, account, side, amount, dimensions)
         values ($1, 9, '4000', 'C', 1, '{}')`,
        [first.id],
      )
      await assert.rejects(smuggle, /does not balance/)
      await assert.rejects(db.query('delete from journal_line'), /append-only/)
      await assert.rejects(db.query(`update journal_entry set book = 'x'`), /append-only/)
      const report = await store.read.journal.verify()
      assert.deepEqual([report.entries, report.unbalanced, report.empty], [1, [], []])
      assert.deepEqual(
        report.balances.map(({ account, balanceMinor }) => [account, balanceMinor]),
        [
          ['1200', -5_400n],
          ['2300', 5_400n],
        ],
      )
    })

    it('applies migrations once, in order, whole or not at all', async () => {
      const [first] = await db.query<{ count: number }>(
        'select count(*) as "count" from schema_migrations',
      )
      const shipped = first?.count ?? 0
      const known = await shippedMigrations(db)
      const good = migration(shipped + 1, 'create table one (n int); insert into one values (1);')
      const bad = migration(shipped + 2, 'create table two (n int); select nonsense;')
      await assert.rejects(migrate(db, [...known, good, bad]), /nonsense/)
      await assert.rejects(db.query('select * from one'), /one/)
      await Promise.all([migrate(db, [...known, good]), migrate(db, [...known, good])])
      await migrate(db, [...known, good])
      assert.equal((await db.query('select * from one')).length, 1)
      const changed = { ...good, checksum: 'another' }
      await assert.rejects(migrate(db, [...known, changed]), /has changed since it was applied/)
      await assert.rejects(migrate(db, known), /does not know: run the newer version/)
      await db.query('delete from schema_migrations where number = $1', [good.number])
    })
  })
}

const shippedMigrations = async (db: Database): Promise<readonly Migration[]> =>
  (
    await db.query<Omit<Migration, 'sql'>>(
      'select number, name, checksum from schema_migrations order by number',
    )
  ).map(row => ({ ...row, sql: '' }))
