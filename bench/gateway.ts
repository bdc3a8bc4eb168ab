import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from './processes.ts'
import type { BenchSettings } from './question.ts'

let started = 0

/**
 * Starts the whole gateway, as users run it, on the core set apart for servers, with the default
 * policies; only the storefront's rate is raised, so that the plan is counted but never refuses.
 *
 * @param erpAddress of an ERP in another process, instead of the embedded one
 * @param change      changes the copied policies
 * @param env         more settings of the environment
 */
export async function startGateway(
  settings: BenchSettings,
  erpAddress?: string,
  change: (policies: string) => void = () => {},
  env: Record<string, string> = {},
) {
  const folder = join(settings.folder, `gateway-${started++}`)
  const [dataDir, policies] = [join(folder, 'data'), join(folder, 'policies')]
  cpSync('policies', policies, { recursive: true })
  edit(
    join(policies, 'plans.yaml'),
    'perSecond: 5000, burst: 10000',
    'perSecond: 1000000, burst: 1000000',
  )
  if (erpAddress)
    edit(join(policies, 'erps', 'sandbox.yaml'), /^address: .*$/m, `address: ${erpAddress}`)
  change(policies)
  const server = await startServer('src/main.ts', [], {
    env: {
      POSTERN_PORT: '0',
      POSTERN_MANAGEMENT_PORT: '0',
      POSTERN_SANDBOX_PORT: erpAddress ? 'off' : '0',
      POSTERN_DATA_DIR: dataDir,
      POSTERN_POLICIES: policies,
      ...env,
    },
    cpu: settings.serverCpu,
  })
  const publicUrl = String(server.message.publicUrl)
  const { clients } = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'))
  return {
    publicUrl,
    stop: server.stop,
    apiKey: (consumer: string): string => clients[consumer].apiKey,
    async token(consumer: string): Promise<string> {
      const { clientId, clientSecret } = clients[consumer]
      const response = await fetch(`${publicUrl}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      return ((await response.json()) as { access_token: string }).access_token
    },
  }
}

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8')
  const edited = text.replace(from, to)
  if (edited === text) throw new Error(`${file} has no ${from}`)
  writeFileSync(file, edited)
}
