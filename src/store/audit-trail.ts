import type { Clock } from '../kernel/clock.ts'
import { type AuditEntry, type AuditRecord, chained } from '../model/audit.ts'
import type { AuditTrail } from '../ports/audit-trail.ts'
import type { Database, Queries } from './database.ts'

/** The audit trail in the database, one chain for all processes that share it. */
export function createAuditTrail(db: Database, clock: Clock): AuditTrail {
  return {
    append: entry =>
      db.transaction(async tx => {
        // Two processes must not both follow the same record.
        await tx.query('lock table audit in exclusive mode')
        const [last] = await select(tx, 'order by seq desc limit 1', [])
        if (entry.to !== undefined && (await isRecorded(tx, entry))) return undefined
        const record = chained(entry, clock.now(), last)
        await insert(tx, record)
        return record
      }),
    read: (after, limit) => select(db, 'where seq > $1 order by seq limit $2', [after, limit]),
  }
}

async function isRecorded(tx: Queries, { action, from, to }: AuditEntry): Promise<boolean> {
  const [last] = await select(tx, 'where to_revision is not null order by seq desc limit 1', [])
  return last?.action === action && last.from === from && last.to === to
}

type Row = Omit<AuditRecord, 'from' | 'to' | 'detail'> & {
  from: string | null
  to: string | null
  detail: string
}

async function select(
  db: Queries,
  which: string,
  parameters: readonly unknown[],
): Promise<readonly AuditRecord[]> {
  const rows = await db.query<Row>(
    `select seq, at, who, action, subject, from_revision as "from", to_revision as "to", detail,
            previous_hash as "previousHash", hash
       from audit ${which}`,
    parameters,
  )
  return rows.map(({ from, to, detail, ...row }) => ({
    ...row,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    detail: JSON.parse(detail),
  }))
}

async function insert(tx: Queries, record: AuditRecord): Promise<void> {
  const { seq, at, who, action, subject, from, to, detail, previousHash, hash } = record
  await tx.query(
    `insert into audit (seq, at, who, action, subject, from_revision, to_revision, detail, previous_hash, hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [seq, at, who, action, subject, from, to, JSON.stringify(detail), previousHash, hash],
  )
}
