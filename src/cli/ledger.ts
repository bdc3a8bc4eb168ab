import { parseArgs } from 'node:util'
import { askManagement } from './ask-management.ts'
import { type Command, UsageError } from './command.ts'

type Report = {
  readonly entries: number
  readonly unbalanced: readonly string[]
  readonly empty: readonly string[]
  readonly balances: readonly {
    readonly book: string
    readonly currency: string
    readonly account: string
    readonly balanceMinor: string
  }[]
}

/** `postern ledger verify`: whether every entry of a running gateway's books balances, and what the accounts come to. */
export const ledger: Command = {
  usage: 'ledger verify [--url MANAGEMENT_URL] [--json]',
  summary: 'proves that the books balance',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { url: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    })
    if (positionals.length !== 1 || positionals[0] !== 'verify') {
      throw new UsageError('say what to do: verify')
    }
    const report = (await askManagement(values.url, '/admin/ledger/verify')) as Report
    const wrong = report.unbalanced.length + report.empty.length
    console.log(values.json ? JSON.stringify(report, null, 2) : inWords(report))
    return wrong ? 1 : 0
  },
}

const inWords = ({ entries, unbalanced, empty, balances }: Report): string =>
  [
    ...unbalanced.map(id => `entry ${id} does not balance`),
    ...empty.map(id => `entry ${id} has no lines`),
    ...balances.map(
      ({ book, currency, account, balanceMinor }) =>
        `${book}  ${account}  ${balanceMinor} ${currency} (minor units)`,
    ),
    `${entries} entries, ${unbalanced.length + empty.length} wrong`,
  ].join('\n')
