import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpus } from 'node:os'

export type Server = {
  readonly message: Record<string, unknown>
  readonly pid: number
  stop(): Promise<void>
}

/** `taskset` where the platform has it: the server on one core, the load on another. */
const canPin = spawnSync('taskset', ['-V']).status === 0

let loadCpu: number | undefined

/** Confines this process, which makes the load, and what it starts from now on, to a core of its own. */
export function pinLoad(cpu: number): boolean {
  const pinned = pinSelf(String(cpu))
  if (pinned) loadCpu = cpu
  return pinned
}

/** Starts what is to have all cores, whatever this process is confined to. */
export async function onAllCores<T>(start: () => Promise<T>): Promise<T> {
  if (loadCpu === undefined) return start()
  pinSelf(`0-${cpus().length - 1}`)
  try {
    return await start()
  } finally {
    pinLoad(loadCpu)
  }
}

const pinSelf = (list: string): boolean =>
  canPin && spawnSync('taskset', ['-acp', list, String(process.pid)]).status === 0

/**
 * Starts a Node program and waits for its first message over IPC.
 *
 * @throws Error with its output when it ends before that
 */
export async function startServer(
  script: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cpu?: number } = {},
): Promise<Server> {
  const command = [process.execPath, script, ...args]
  if (canPin && options.cpu !== undefined) command.unshift('taskset', '-c', String(options.cpu))
  const [program = '', ...rest] = command
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...options.env },
  })
  const message = await firstMessage(child, script)
  return {
    message,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise(resolve => {
        if (child.exitCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

function firstMessage(child: ChildProcess, script: string): Promise<Record<string, unknown>> {
  const output: string[] = []
  child.stdout?.on('data', chunk => {
    if (output.length < 100) output.push(String(chunk))
  })
  child.stderr?.on('data', chunk => {
    if (output.length < 100) output.push(String(chunk))
  })
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve(message as Record<string, unknown>))
    child.once('exit', code =>
      reject(new Error(`${script} ended with ${code}:\n${output.join('')}`)),
    )
  })
}
