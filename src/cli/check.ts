import { parseArgs } from 'node:util'
import { loadPolicySet } from '../composition/load-policy-set.ts'
import { findingText } from '../policy/finding.ts'
import { type Command, UsageError } from './command.ts'

/** `postern check`: what is wrong with a policy folder, all of it, each with its place. */
export const check: Command = {
  usage: 'check [DIR] [--json] [--production]',
  summary: 'checks a policy folder',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, production: { type: 'boolean' } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('give one folder')
    const directory = positionals[0] ?? process.env.POSTERN_POLICIES ?? 'policies'
    const result = await loadPolicySet({
      directory,
      env: process.env,
      production: values.production === true || process.env.NODE_ENV === 'production',
      ownIssuer: 'http://127.0.0.1',
      demoHashes: () => undefined,
    })
    if (values.json) {
      const revision = result.ok ? result.set.revision : undefined
      console.log(JSON.stringify({ ok: result.ok, revision, findings: result.findings }, null, 2))
    } else {
      for (const finding of result.findings) console.log(findingText(finding))
      const errors = result.findings.filter(({ severity }) => severity === 'error').length
      const counts = `${count(errors, 'error')}, ${count(result.findings.length - errors, 'warning')}`
      console.log(
        `${directory}: ${result.ok ? `fine, revision ${result.set.revision}, ` : ''}${counts}`,
      )
    }
    return result.ok ? 0 : 1
  },
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
