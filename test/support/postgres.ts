import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outputSays } from './redis.ts'

/** A PostgreSQL of the test's own, with one empty database. */
export type TestPostgres = {
  /** For `DATABASE_URL`; it listens on a Unix socket only. */
  readonly url: string
  /**
   * Ends it: `fast` cuts what is connected and puts everything in order, `immediate` does neither, as a crash.
   * What was acknowledged outlives the latter only with `synchronous_commit=on`.
   */
  end(mode: 'fast' | 'immediate'): Promise<void>
  /** Starts it again, where it was. */
  start(): Promise<void>
  stop(): Promise<void>
}

const ROOT = '/usr/lib/postgresql'

/** Debian's folder of the newest installed version. */
const binaries = existsSync(ROOT)
  ? readdirSync(ROOT)
      .sort((a, b) => Number(b) - Number(a))
      .map(version => join(ROOT, version, 'bin'))
      .find(folder => existsSync(join(folder, 'postgres')))
  : undefined

/** Why tests that need it are skipped; undefined when it is installed. */
export const postgresMissing: string | undefined = binaries
  ? undefined
  : 'PostgreSQL is not installed'

/** What it is quickest with; a power cut would lose everything. */
const FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** @param settings of the server, beside the address; none for what PostgreSQL does by itself */
export async function startPostgres(
  settings: readonly string[] = FORGETFUL,
): Promise<TestPostgres> {
  if (!binaries) throw new Error(postgresMissing)
  const folder = await mkdtemp(join(tmpdir(), 'postern-postgres-'))
  const identity = serverIdentity()
  if (identity) chownSync(folder, identity.uid, identity.gid)
  const data = join(folder, 'data')
  const options = { ...identity, cwd: folder }
  const made = spawnSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postern', '-A', 'trust', '-N', '-E', 'UTF8', '--locale', 'C'],
    { ...options, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`)
  let server: ChildProcess | undefined
  const start = async (): Promise<void> => {
    server = spawn(
      join(binaries, 'postgres'),
      ['-D', data, '-k', folder, ...['listen_addresses=', ...settings].flatMap(s => ['-c', s])],
      { ...options, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    await outputSays(server, 'ready to accept connections')
  }
  const end = async (mode: 'fast' | 'immediate'): Promise<void> => {
    if (!server || server.exitCode !== null) return
    server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await once(server, 'exit')
  }
  await start()
  return {
    url: `postgresql://postern@localhost/postgres?host=${encodeURIComponent(folder)}`,
    start,
    end,
    async stop() {
      await end('fast')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function serverIdentity(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}
