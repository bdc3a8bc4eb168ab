import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const run = promisify(execFile)
const SCRIPTS = join(import.meta.dirname, '../../scripts/erp-tryton')
const PACKAGES = '/usr/lib/python3/dist-packages'

/** What `scripts/erp-tryton/up` would otherwise install, which a test must not. */
const NEEDED = [
  '/usr/bin/trytond-admin',
  '/usr/bin/gunicorn',
  '/usr/lib/postgresql',
  `${PACKAGES}/proteus`,
  `${PACKAGES}/psycopg2`,
  `${PACKAGES}/trytond/modules/sale_price_list`,
  `${PACKAGES}/trytond/modules/account_invoice_stock`,
]

const given = process.env.TRYTON_URL

/** Why tests that need a real Tryton are skipped; undefined when they need not be. */
export const trytonMissing: string | undefined =
  given || NEEDED.every(existsSync)
    ? undefined
    : 'TRYTON_URL is not set and Tryton is not installed (as root: npm run erp:tryton)'

/** A real Tryton, and a way to ask it that owes nothing to the connector. */
export type RealTryton = {
  /** Without database and slash. */
  readonly address: string
  readonly database: string
  readonly user: string
  readonly password: string
  /** It is the test's own: it may be written to. */
  readonly own: boolean
  /** @param params all but the context */
  // biome-ignore lint/suspicious/noExplicitAny: whatever Tryton says is compared, not used
  ask(method: string, params: unknown[], context?: object): Promise<any>
  stop(): Promise<void>
}

/** The one that the environment names, else one brought up for the test in a folder of its own. */
export async function startTryton(): Promise<RealTryton> {
  const {
    TRYTON_DATABASE: database = 'retail',
    TRYTON_USER: user = 'api',
    TRYTON_PASSWORD: password = 'demo-gateway-1',
  } = process.env
  const server = given
    ? { address: given.replace(/\/$/, ''), stop: async () => {} }
    : await bringUp({ TRYTON_DATABASE: database, TRYTON_USER: user, TRYTON_PASSWORD: password })
  const url = `${server.address}/${database}/`
  const [userId, key] = await post(url, 'common.db.login', [user, { password }, 'en'])
  const session = Buffer.from(`${user}:${userId}:${key}`).toString('base64')
  const { company } = await post(url, 'model.res.user.get_preferences', [true, {}], session)
  return {
    ...server,
    database,
    user,
    password,
    own: !given,
    ask: (method, params, context = {}) =>
      post(url, method, [...params, { company, language: 'en', ...context }], session),
  }
}

async function bringUp(settings: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-tryton-'))
  const port = await freePort()
  const env = { ...process.env, ...settings, TRYTON_DIR: folder, TRYTON_PORT: String(port) }
  const stop = async () => {
    await run(join(SCRIPTS, 'down'), ['--purge'], { env })
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await run(join(SCRIPTS, 'up'), { env })
  } catch (error) {
    await stop()
    throw error
  }
  return { address: `http://127.0.0.1:${port}`, stop }
}

async function post(url: string, method: string, params: unknown[], session?: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(session && { authorization: `Session ${session}` }),
    },
    body: JSON.stringify({ id: 1, method, params }),
  })
  const answer = (await response.json()) as { result?: unknown; error?: unknown }
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
  // biome-ignore lint/suspicious/noExplicitAny: see above
  return answer.result as any
}
