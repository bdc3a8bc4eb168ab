import { prefixedId } from '../kernel/ids.ts'
import { imbalance, type JournalEntry, type JournalLine } from '../model/journal.ts'
import type { Journal } from '../ports/journal.ts'
import type { Queries } from './database.ts'

/** The journal in SQL, within one transaction. The database refuses what does not balance, too. */
export const createJournal = (tx: Queries): Journal => ({
  async post({ kind, book, currency, lines, causedBy, businessDate, recordedAt }) {
    const difference = imbalance({ lines })
    if (lines.length === 0 || difference !== 0n) {
      throw new RangeError(`${kind} of ${causedBy.id} does not balance: ${difference}`)
    }
    const id = prefixedId('jrn')
    const added = await tx.query(
      `insert into journal_entry (id, kind, book, currency, cause_type, cause_id, business_date, recorded_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (cause_type, cause_id, kind, book) do nothing
       returning id`,
      [id, kind, book, currency, causedBy.type, causedBy.id, businessDate, recordedAt],
    )
    if (added.length === 0) return false
    await tx.query(
      `insert into journal_line (entry_id, line, account, side, amount, dimensions)
       select $1, line, account, side, amount, dimensions
         from unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::text[])
           as one (line, account, side, amount, dimensions)`,
      [
        id,
        lines.map((_, i) => i + 1),
        lines.map(({ account }) => account),
        lines.map(({ side }) => side),
        lines.map(({ amountMinor }) => String(amountMinor)),
        lines.map(({ dimensions }) => JSON.stringify(dimensions)),
      ],
    )
    return true
  },

  async entriesOf({ type, id }) {
    const entries = await tx.query<EntryRow>(
      `select id, kind, book, currency, cause_type, cause_id, business_date, recorded_at
         from journal_entry where cause_type = $1 and cause_id = $2 order by n`,
      [type, id],
    )
    const lines = await tx.query<LineRow>(
      `select entry_id, account, side, amount, dimensions from journal_line
        where entry_id = any($1::text[]) order by entry_id, line`,
      [entries.map(entry => entry.id)],
    )
    const byEntry = Map.groupBy(lines, ({ entry_id }) => entry_id)
    return entries.map(row => toEntry(row, byEntry.get(row.id) ?? []))
  },

  async verify() {
    const wrong = await tx.query<{ id: string; lines: number | bigint | string }>(
      `select e.id, count(l.line) as lines
         from journal_entry e left join journal_line l on l.entry_id = e.id
        group by e.id
       having count(l.line) = 0 or sum(case l.side when 'D' then l.amount else -l.amount end) <> 0
        limit 100`,
    )
    const balances = await tx.query<{
      book: string
      currency: string
      account: string
      balance: number | bigint | string
    }>(
      `select e.book, e.currency, l.account,
              sum(case l.side when 'D' then l.amount else -l.amount end)::bigint as balance
         from journal_entry e join journal_line l on l.entry_id = e.id
        group by e.book, e.currency, l.account order by e.book, e.currency, l.account`,
    )
    const [count] = await tx.query<{ entries: number | bigint | string }>(
      'select count(*) as entries from journal_entry',
    )
    return {
      entries: Number(count?.entries ?? 0),
      unbalanced: wrong.filter(({ lines }) => Number(lines) > 0).map(({ id }) => id),
      empty: wrong.filter(({ lines }) => Number(lines) === 0).map(({ id }) => id),
      balances: balances.map(({ balance, ...of }) => ({ ...of, balanceMinor: BigInt(balance) })),
    }
  },
})

type EntryRow = {
  readonly id: string
  readonly kind: string
  readonly book: string
  readonly currency: string
  readonly cause_type: string
  readonly cause_id: string
  readonly business_date: string
  readonly recorded_at: number
}

type LineRow = {
  readonly entry_id: string
  readonly account: string
  readonly side: 'D' | 'C'
  readonly amount: number | bigint | string
  readonly dimensions: string
}

const toEntry = (row: EntryRow, lines: readonly LineRow[]): JournalEntry => ({
  id: row.id,
  kind: row.kind,
  book: row.book,
  currency: row.currency,
  causedBy: { type: row.cause_type, id: row.cause_id },
  businessDate: row.business_date,
  recordedAt: row.recorded_at,
  lines: lines.map(
    ({ account, side, amount, dimensions }): JournalLine => ({
      account,
      side,
      amountMinor: BigInt(amount),
      dimensions: JSON.parse(dimensions),
    }),
  ),
})
