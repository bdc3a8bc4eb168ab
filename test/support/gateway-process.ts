import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type GatewayProcess = {
  readonly publicUrl: string
  readonly managementUrl: string
  keyOf(consumer: string): Promise<string>
  /** As a power cut does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Starts the whole gateway in a process of its own, which can be killed. */
export async function startGatewayProcess(env: Record<string, string>): Promise<GatewayProcess> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: {
      PATH: process.env.PATH,
      POSTERN_PORT: '0',
      POSTERN_MANAGEMENT_PORT: '0',
      POSTERN_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const complaints: Buffer[] = []
  child.stderr?.on('data', chunk => complaints.push(chunk))
  const ended = once(child, 'exit')
  const urls = await Promise.race([
    once(child, 'message').then(([message]) => message as Urls),
    ended.then(() => {
      throw new Error(`the gateway did not start: ${Buffer.concat(complaints)}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isRunning(child)) child.kill(signal)
    await ended
  }
  return {
    ...urls,
    async keyOf(consumer) {
      const demo = JSON.parse(await readFile(join(env.POSTERN_DATA_DIR ?? '', 'demo.json'), 'utf8'))
      return demo.clients[consumer].apiKey
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

type Urls = { readonly publicUrl: string; readonly managementUrl: string }

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null
