import { parseArgs } from 'node:util'
import { readEnvironment } from '../environment.ts'
import { type Command, UsageError } from './command.ts'

/** `postern dead`: what could not be told to an ERP, and letting it be tried again. */
export const dead: Command = {
  usage:
    'dead list | release ID --reason WHY | release --cause CAUSE --reason WHY [--url MANAGEMENT_URL] [--json]',
  summary: 'lists and releases dead letters of a running gateway',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        reason: { type: 'string' },
        cause: { type: 'string' },
        url: { type: 'string' },
        json: { type: 'boolean' },
      },
      allowPositionals: true,
    })
    const { managementHost, managementPort } = readEnvironment(process.env)
    const address = values.url ?? `http://${managementHost}:${managementPort}`
    const [what, id] = positionals
    if (what === 'list' && positionals.length === 1) {
      const { items } = (await ask(address, '')) as { items: readonly DeadLetter[] }
      console.log(values.json ? JSON.stringify(items, null, 2) : inWords(items))
      return items.length ? 1 : 0
    }
    if (what !== 'release' || (id === undefined) === (values.cause === undefined)) {
      throw new UsageError('say list, or release with an id or a --cause')
    }
    if (values.reason === undefined) throw new UsageError('say why: --reason')
    const { reason, cause } = values
    const answer = id
      ? await ask(address, `/${encodeURIComponent(id)}/release`, { reason })
      : await ask(address, '/release', { reason, cause })
    console.log(JSON.stringify(answer))
    return 0
  },
}

type DeadLetter = {
  readonly id: string
  readonly orderId: string
  readonly connection: string
  readonly cause: string
  readonly lastError: string
  readonly attempts: number
  readonly since: string
}

async function ask(address: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${address}/admin/dead-letters${path}`, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-operator': process.env.USER ?? 'cli' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new UsageError(`no gateway answers at ${address}`)
  })
  const answer = await response.json()
  if (!response.ok) throw new UsageError((answer as { message: string }).message)
  return answer
}

const inWords = (items: readonly DeadLetter[]): string =>
  [
    ...items.map(
      ({ id, orderId, connection, cause, lastError, attempts, since }) =>
        `${id}  ${orderId} to ${connection}: ${cause} after ${attempts} attempts, since ${since}\n  ${lastError}`,
    ),
    `${items.length} dead letters`,
  ].join('\n')
