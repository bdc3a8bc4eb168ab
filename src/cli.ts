import { audit } from './cli/audit.ts'
import { check } from './cli/check.ts'
import { type Command, UsageError } from './cli/command.ts'
import { dead } from './cli/dead.ts'
import { demo } from './cli/demo.ts'
import { diff } from './cli/diff.ts'
import { explain } from './cli/explain.ts'
import { hash } from './cli/hash.ts'
import { keys } from './cli/keys.ts'
import { ledger } from './cli/ledger.ts'
import { replay } from './cli/replay.ts'
import { test } from './cli/test.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  check,
  diff,
  explain,
  test,
  replay,
  audit,
  dead,
  ledger,
  demo,
  hash,
  keys,
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (!command) {
  const lines = Object.values(COMMANDS).map(
    ({ usage, summary }) => `  ${usage.padEnd(24)} ${summary}`,
  )
  console.error(
    `usage: postern <command>\n\n${lines.join('\n')}\n\nexit: 0 fine, 1 findings, 2 usage`,
  )
  process.exitCode = 2
} else {
  try {
    process.exitCode = await command.run(args)
  } catch (error) {
    if (!(error instanceof UsageError) && !isParseArgsError(error)) throw error
    console.error(`${error.message}\nusage: postern ${command.usage}`)
    process.exitCode = 2
  }
}

function isParseArgsError(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  )
}
