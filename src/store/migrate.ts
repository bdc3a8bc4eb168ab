import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Database, Queries } from './database.ts'

export type Migration = {
  readonly number: number
  /** `0001_quota_usage.sql` */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, hex; line endings do not count. */
  readonly checksum: string
}

type Applied = { number: number; name: string; checksum: string }

const FOLDER = new URL('./migrations/', import.meta.url)
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/

/** Any fixed number that nothing else in this database locks: "pstr". */
const ADVISORY_LOCK = 0x70737472

/**
 * Brings the database to the state that this version of the code expects: applies what is missing, in
 * order, all or nothing. Processes that start at the same time take turns.
 *
 * @throws Error when an applied migration was changed or removed, or the database is newer than the code
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<void> {
  await db.transaction(async tx => {
    await tx.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
    const applied = await appliedMigrations(tx)
    verify(applied, migrations)
    const last = applied.at(-1)?.number ?? 0
    for (const migration of migrations.filter(m => m.number > last)) {
      await tx.script(migration.sql)
      await tx.query('insert into schema_migrations (number, name, checksum) values ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.checksum,
      ])
    }
  })
}

/**
 * Reads the numbered files that ship with the code.
 *
 * @throws Error for a file that is not named `0001_what.sql`, or a number that is missing or used twice
 */
export async function loadMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(FILE_NAME.exec(name)?.[1])
      if (number !== index + 1) {
        throw new Error(
          `${name}: migration ${index + 1} must be named ${padded(index + 1)}_what.sql`,
        )
      }
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n')
      return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function appliedMigrations(tx: Queries): Promise<readonly Applied[]> {
  await tx.script(`create table if not exists schema_migrations (
    number int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`)
  return tx.query<Applied>('select number, name, checksum from schema_migrations order by number')
}

function verify(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const { number, name, checksum } of applied) {
    const known = migrations[number - 1]
    if (!known) {
      throw new Error(
        `the database has migration ${name}, which this version does not know: run the newer version`,
      )
    }
    if (known.checksum !== checksum) {
      throw new Error(
        `migration ${known.name} has changed since it was applied: restore it and add a new one`,
      )
    }
  }
}

const padded = (number: number): string => String(number).padStart(4, '0')
