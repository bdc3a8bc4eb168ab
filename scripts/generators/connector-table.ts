import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

const DOCUMENT = 'docs/connectors.md'
const [START, END] = [`<!-- capabilities: ${DO_NOT_EDIT} -->`, '<!-- /capabilities -->']

/** What is read of `src/connectors/<id>/connector.json`. */
type Connector = {
  readonly id: string
  readonly label: string
  readonly capabilities: {
    readonly ports: readonly string[]
    readonly quantitySemantics: readonly string[]
    readonly changeSequence: string
    readonly idempotencySupport: string
  }
}

/** The capabilities of each connector, within a page that is otherwise written by hand. */
export async function connectorTable(): Promise<readonly Generated[]> {
  const files = globSync('src/connectors/*/connector.json').sort()
  const rows = await Promise.all(
    files.map(async file => {
      const { id, label, capabilities } = JSON.parse(await readFile(file, 'utf8')) as Connector
      const { ports, quantitySemantics, changeSequence, idempotencySupport } = capabilities
      return [
        `[\`${id}\`](../${dirname(file)}/README.md)`,
        label,
        ports.join(', '),
        quantitySemantics.join(', '),
        changeSequence,
        idempotencySupport,
      ]
    }),
  )
  const heads = ['connector', 'speaks to', 'ports', 'quantity semantics', 'changes', 'idempotency']
  const lines = [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  const page = await readFile(DOCUMENT, 'utf8')
  const [before, rest] = page.split(START)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT}: no ${START}`)
  return [{ path: DOCUMENT, text: `${before}${START}\n${lines.join('\n')}\n${END}${after}` }]
}
