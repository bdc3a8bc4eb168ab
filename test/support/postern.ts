import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

/** Runs a command of the program in a process of its own, while this one goes on serving. */
export function postern(
  args: readonly string[],
  { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise(done => {
    const child = execFile(
      process.execPath,
      [resolve('bin/postern.mjs'), ...args],
      { cwd, env: { PATH: process.env.PATH, ...env } },
      (_, stdout, stderr) => done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}
