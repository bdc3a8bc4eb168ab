import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import { readEnvironment } from '../../src/environment.ts'
import type { LogSink } from '../../src/telemetry/log.ts'

export type TestApp = App & {
  /** Every log line, structured. */
  readonly log: readonly (Record<string, unknown> & { msg: string })[]
  readonly dataDir: string
  /** The policy folder that it watches. */
  readonly policiesDir: string
  tokenOf(consumer: string, scope?: string): Promise<string>
  keyOf(consumer: string): string
  /** GET or POST with the consumer's API key. */
  call(path: string, options?: CallOptions): Promise<Response>
  /** A `_control` call of the sandbox. */
  control(path: string, body?: object): Promise<unknown>
  metric(name: string): Promise<string[]>
}

export type CallOptions = {
  as?: string
  body?: unknown
  headers?: Record<string, string>
  method?: string
}

/**
 * Brings up the whole gateway on free ports and a data folder of its own, with the default policies
 * or an edited copy of them.
 *
 * @param options.edit   changes a copied policy file's text: `{ 'plans.yaml': text => … }`
 * @param options.dataDir keeps the folder of an earlier one
 */
export async function startTestApp(
  options: {
    env?: Record<string, string>
    edit?: Record<string, (text: string) => string>
    dataDir?: string
  } = {},
): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'))
  const dataDir = options.dataDir ?? join(folder, 'data')
  const policies = join(folder, 'policies')
  await cp('policies', policies, { recursive: true })
  for (const [file, edit] of Object.entries(options.edit ?? {})) {
    const path = join(policies, file)
    await writeFile(path, edit(await readFile(path, 'utf8').catch(() => '')))
  }
  const log: (Record<string, unknown> & { msg: string })[] = []
  const environment = readEnvironment({
    POSTERN_PORT: '0',
    POSTERN_MANAGEMENT_PORT: '0',
    POSTERN_SANDBOX_PORT: '0',
    POSTERN_DATA_DIR: dataDir,
    POSTERN_POLICIES: policies,
    ...options.env,
  })
  const app = await startApp(environment, collecting(log)).catch(async error => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  const keyOf = (consumer: string): string => {
    const client = app.demo.clients[consumer]
    if (!client) throw new Error(`no demo consumer ${consumer}`)
    return client.apiKey
  }
  return {
    ...app,
    log,
    dataDir,
    policiesDir: policies,
    keyOf,
    async tokenOf(consumer, scope) {
      const client = app.demo.clients[consumer]
      const response = await fetch(`${app.publicUrl}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client?.clientId}:${client?.clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }),
      })
      const { access_token } = (await response.json()) as { access_token: string }
      return access_token
    },
    call(path, { as = 'platform-admin', body, headers = {}, method } = {}) {
      return fetch(app.publicUrl + path, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          'x-api-key': keyOf(as),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
    },
    async control(path, body) {
      const response = await fetch(`${app.sandboxUrl}/_control/${path}`, {
        ...(body && {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      })
      return response.json()
    },
    async metric(name) {
      const text = await (await fetch(`${app.managementUrl}/metrics`)).text()
      return text.split('\n').filter(line => line.startsWith(name))
    },
    async close() {
      await app.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function collecting(lines: (Record<string, unknown> & { msg: string })[]): LogSink {
  const note = (level: string) => (fields: object, message: string) => {
    lines.push({ level, ...fields, msg: message })
  }
  return {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    access: fields =>
      lines.push({ level: 'info', time: new Date().toISOString(), ...fields, msg: 'request' }),
    flush: () => {},
  }
}
