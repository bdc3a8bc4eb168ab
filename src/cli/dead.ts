import { parseArgs } from 'node:util'
import { askManagement } from './ask-management.ts'
import { type Command, UsageError } from './command.ts'

const FILTERS = {
  cause: { type: 'string' },
  connection: { type: 'string' },
  kind: { type: 'string' },
  text: { type: 'string' },
  before: { type: 'string' },
} as const

/** `postern dead`: what could not be told to an ERP, and letting it be tried again. */
export const dead: Command = {
  usage:
    'dead list | show ID | release ID | release, with --cause --connection --kind --text --before; --reason WHY [--edit JSON] [--url MANAGEMENT_URL] [--json]',
  summary: 'lists and releases dead letters of a running gateway',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...FILTERS,
        reason: { type: 'string' },
        edit: { type: 'string' },
        url: { type: 'string' },
        json: { type: 'boolean' },
      },
      allowPositionals: true,
    })
    const ask = (path: string, body?: object) =>
      askManagement(values.url, `/admin/dead-letters${path}`, body)
    const which = Object.fromEntries(
      Object.keys(FILTERS).flatMap(name => {
        const value = values[name as keyof typeof FILTERS]
        return value === undefined ? [] : [[name, value]]
      }),
    )
    const [what, id, ...more] = positionals
    if (more.length) throw new UsageError('one id at a time')
    if (what === 'list' && id === undefined) {
      const { items } = (await ask(`?${new URLSearchParams(which)}`)) as {
        items: readonly DeadLetter[]
      }
      console.log(values.json ? JSON.stringify(items, null, 2) : inWords(items))
      return items.length ? 1 : 0
    }
    if (what === 'show' && id !== undefined) {
      console.log(JSON.stringify(await ask(`/${encodeURIComponent(id)}`), null, 2))
      return 0
    }
    const isAll = Object.keys(which).length > 0
    if (what !== 'release' || (id !== undefined) === isAll) {
      throw new UsageError(
        'say list, show with an id, or release with an id or a --cause and the like',
      )
    }
    const { reason } = values
    if (reason === undefined) throw new UsageError('say why: --reason')
    if (isAll && values.edit !== undefined) throw new UsageError('only one at a time is edited')
    const edit = values.edit === undefined ? {} : { edit: parseEdit(values.edit) }
    const answer = id
      ? await ask(`/${encodeURIComponent(id)}/release`, { reason, ...edit })
      : await ask('/release', { reason, ...which })
    console.log(JSON.stringify(answer))
    return 0
  },
}

function parseEdit(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError('--edit: must be JSON')
  }
}

type DeadLetter = {
  readonly id: string
  readonly orderId?: string
  readonly kind: string
  readonly connection: string
  readonly cause: string
  readonly lastError: string
  readonly attempts: number
  readonly since: string
}

const inWords = (items: readonly DeadLetter[]): string =>
  [
    ...items.map(
      ({ id, orderId = '', kind, connection, cause, lastError, attempts, since }) =>
        `${id}  ${kind} ${orderId} to ${connection}: ${cause} after ${attempts} attempts, since ${since}\n  ${lastError}`,
    ),
    `${items.length} dead letters`,
  ].join('\n')
