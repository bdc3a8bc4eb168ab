import { startApp } from './app.ts'
import { demoCommands } from './composition/demo-commands.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { createLog } from './telemetry/log.ts'

const started = performance.now()

try {
  await run(readEnvironment(process.env))
} catch (error) {
  // What stops a start is for an operator to mend (a port taken, a key missing): the message says what.
  console.error(error instanceof Error ? error.message : error)
  if (process.env.POSTERN_LOG_LEVEL === 'debug') console.error(error)
  process.exitCode = 1
}

async function run(environment: Environment): Promise<void> {
  const log = createLog({ level: environment.logLevel })
  const app = await startApp(environment, log)
  const tookMs = Math.round(performance.now() - started)
  log.info({ policyRevision: app.policies().revision, tookMs, node: process.version }, 'started')
  console.error(greeting(app, tookMs))
  process.send?.({
    publicUrl: app.publicUrl,
    managementUrl: app.managementUrl,
    sandboxUrl: app.sandboxUrl,
  })

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second signal means now.
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    app.close().then(
      () => {
        log.flush()
        process.disconnect?.()
      },
      error => {
        log.error({ error }, 'could not stop cleanly')
        log.flush()
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    app.reloadKeys().then(
      () => log.info({}, 'signing keys read again'),
      error => log.error({ error }, 'signing keys cannot be read: the old ones stay'),
    )
  })
}

function greeting(app: Awaited<ReturnType<typeof startApp>>, tookMs: number): string {
  const lines = [
    `Postern is up after ${tookMs} ms, policy revision ${app.policies().revision}`,
    `  gateway     ${app.publicUrl}`,
    `  management  ${app.managementUrl}  (/healthz /readyz /metrics)`,
  ]
  if (app.sandboxUrl) lines.push(`  sandbox ERP ${app.sandboxUrl}`)
  const commands = demoCommands(app.publicUrl, app.demo)
  if (commands.length)
    lines.push('', 'Try, in another terminal:', '', ...commands.flatMap(c => [c, '']))
  return lines.join('\n')
}
