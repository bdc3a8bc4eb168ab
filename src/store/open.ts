import type { Logger } from '../kernel/logger.ts'
import { Problem } from '../kernel/problems.ts'
import type { Database } from './database.ts'
import { loadMigrations, migrate } from './migrate.ts'
import { openEmbedded } from './open-embedded.ts'
import { openPostgres } from './open-postgres.ts'

export type DatabaseSettings = {
  /** A PostgreSQL to share among processes; without it the embedded one in `dataDir` is used. */
  readonly databaseUrl?: string | undefined
  readonly dataDir: string
  readonly logger: Logger
}

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws FolderInUseError when another process has the embedded database open
 * @throws Error when PostgreSQL cannot be reached, or the schema does not fit this version
 */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const { databaseUrl, dataDir, logger } = settings
  const migrations = await loadMigrations()
  const db = databaseUrl ? openPostgres(databaseUrl, logger) : await openEmbedded(dataDir)
  try {
    await migrate(db, migrations)
    return db
  } catch (error) {
    await db.close()
    // At the start there is no caller yet, but an operator, who needs the driver's own words.
    throw error instanceof Problem && error.cause ? error.cause : error
  }
}
