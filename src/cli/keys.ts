import { parseArgs } from 'node:util'
import { readEnvironment } from '../environment.ts'
import {
  generateApiKey,
  generateClientSecret,
  hashCredential,
} from '../gateway/identity/api-key.ts'
import { credentialId } from '../model/credential-id.ts'
import type { CredentialEdit, CredentialKind, HeldCredential } from '../policy/edit-credentials.ts'
import { parseInstant } from '../policy/instant.ts'
import { type Command, type ExitCode, UsageError } from './command.ts'
import {
  type ConsumerFile,
  readConsumer,
  readConsumers,
  writeConsumer,
} from './keys/consumer-file.ts'

/** A week is time for a partner to roll out a new key, holidays aside. */
const OVERLAP = '7d'

type Options = {
  readonly policies: string
  readonly secret: boolean
  readonly environment: 'live' | 'test'
  readonly expires: string | undefined
  readonly overlapMs: number
  readonly json: boolean
}

/** `postern keys`: a consumer's API keys and client secrets, as hashes in its policy file. */
export const keys: Command = {
  usage:
    'keys issue CONSUMER [--secret] [--environment live|test] [--expires INSTANT] | rotate CONSUMER [ID] [--overlap 7d] | revoke CONSUMER ID | list [CONSUMER]; [--policies DIR] [--json]',
  summary: 'issues, rotates, revokes and lists API keys and client secrets',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        secret: { type: 'boolean', default: false },
        environment: { type: 'string', default: 'live' },
        expires: { type: 'string' },
        overlap: { type: 'string', default: OVERLAP },
        policies: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const { environment, expires } = values
    if (environment !== 'live' && environment !== 'test') {
      throw new UsageError('--environment is live or test')
    }
    const options: Options = {
      ...values,
      policies: values.policies ?? readEnvironment(process.env).policiesDir,
      environment,
      expires: expires === undefined ? undefined : instantOf(expires),
      overlapMs: durationOf(values.overlap),
    }
    const [what, consumer, id, ...more] = positionals
    if (more.length) throw new UsageError('one credential at a time')
    if (what === 'list' && id === undefined) return list(consumer, options)
    if (consumer === undefined) throw new UsageError('say what to do, and for which consumer')
    const file = await readConsumer(options.policies, consumer)
    if (what === 'issue' && id === undefined) return issue(file, options)
    if (what === 'rotate') return rotate(file, id, options)
    if (what === 'revoke' && id !== undefined) return revoke(file, id, options)
    throw new UsageError('say issue, rotate, revoke with an id, or list')
  },
}

async function issue(file: ConsumerFile, options: Options): Promise<ExitCode> {
  const { expires: expiresAt } = options
  const made = make(options.secret ? 'clientSecrets' : 'apiKeys', options)
  await writeConsumer(file, [{ ...made.edit, ...(expiresAt && { expiresAt }) }])
  show(made, file, options)
  return 0
}

/** The old one goes on for the overlap, or until its own earlier end; what has ended already is taken out. */
async function rotate(
  file: ConsumerFile,
  id: string | undefined,
  options: Options,
): Promise<ExitCode> {
  const now = Date.now()
  const ended = file.held.filter(held => endOf(held) <= now)
  const old = id === undefined ? theOnly(file, ended, options) : find(file, id)
  if (ended.includes(old)) throw new UsageError(`${old.id} has ended already: issue a new one`)
  const expiresAt = new Date(Math.min(now + options.overlapMs, endOf(old))).toISOString()
  const made = make(old.kind, options)
  await writeConsumer(file, [
    ...ended.map(({ hash }): CredentialEdit => ({ do: 'remove', hash })),
    { do: 'expire', hash: old.hash, expiresAt },
    made.edit,
  ])
  show(made, file, options, { replaces: old.id, replacedUntil: expiresAt })
  return 0
}

async function revoke(file: ConsumerFile, id: string, { json }: Options): Promise<ExitCode> {
  const held = find(file, id)
  await writeConsumer(file, [{ do: 'remove', hash: held.hash }])
  const told = `${held.id} of ${file.id} is revoked: gateways that see the file refuse it within a second; tokens that were issued for it last until they expire`
  console.log(json ? JSON.stringify({ revoked: held.id, consumer: file.id }) : told)
  return 0
}

async function list(consumer: string | undefined, options: Options): Promise<ExitCode> {
  const all = await readConsumers(options.policies)
  const chosen = all.filter(({ id }) => consumer === undefined || id === consumer)
  if (consumer !== undefined && !chosen.length) await readConsumer(options.policies, consumer)
  const rows = chosen.flatMap(file => file.held.map(held => rowOf(file, held)))
  console.log(options.json ? JSON.stringify(rows, null, 2) : table(rows))
  return 0
}

const rowOf = ({ id: consumer }: ConsumerFile, held: HeldCredential) => ({
  id: held.id,
  consumer,
  kind: held.kind === 'apiKeys' ? 'api-key' : 'client-secret',
  created: held.createdAt ?? 'n/a',
  expires: held.expiresAt ?? 'never',
})

function table(rows: readonly ReturnType<typeof rowOf>[]): string {
  const lines = [
    ['id', 'consumer', 'kind', 'created', 'expires'],
    ...rows.map(row => Object.values(row)),
  ]
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map(line => line[i]?.length ?? 0))) ?? []
  return lines
    .map(line =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function make(kind: CredentialKind, { environment }: Options) {
  const credential = kind === 'apiKeys' ? generateApiKey(environment) : generateClientSecret()
  const hash = hashCredential(credential)
  const createdAt = new Date().toISOString()
  return { credential, edit: { do: 'add', kind, hash, createdAt } as const }
}

/** The credential alone goes to standard output, so that it can be piped to where it belongs. */
function show(
  { credential, edit }: ReturnType<typeof make>,
  { id: consumer, path }: ConsumerFile,
  { json }: Options,
  replaced?: { replaces: string; replacedUntil: string },
): void {
  const id = credentialId(edit.hash)
  if (json) {
    console.log(JSON.stringify({ id, consumer, credential, ...replaced }))
    return
  }
  console.error(`${id} of ${consumer}, shown this once; ${path} holds its hash`)
  if (replaced) console.error(`${replaced.replaces} goes on until ${replaced.replacedUntil}`)
  console.log(credential)
}

/** @param id as `list` prints it, or more digits of the hash */
function find({ id: consumer, held }: ConsumerFile, id: string): HeldCredential {
  const digits = id.replace(/^sha256:/, '')
  const found = held.filter(({ hash }) => hash.startsWith(`sha256:${digits}`))
  if (found[0] && found.length === 1 && digits.length >= MIN_DIGITS) return found[0]
  throw new UsageError(`${consumer} has no credential "${id}": see postern keys list ${consumer}`)
}

/** Fewer digits of a hash might be another's tomorrow. */
const MIN_DIGITS = 12

function theOnly(
  { id, held }: ConsumerFile,
  ended: readonly HeldCredential[],
  { secret }: Options,
): HeldCredential {
  const kind = secret ? 'clientSecrets' : 'apiKeys'
  // One that is on its way out has been rotated already.
  const lasting = held.filter(one => one.kind === kind && one.expiresAt === undefined)
  const live = held.filter(one => one.kind === kind && !ended.includes(one))
  const [only, ...others] = lasting.length ? lasting : live
  if (only && !others.length) return only
  const what = secret ? 'client secrets' : 'API keys'
  throw new UsageError(`${id} has ${others.length + (only ? 1 : 0)} ${what}: say which by its id`)
}

const endOf = ({ expiresAt }: HeldCredential): number =>
  (expiresAt === undefined ? undefined : parseInstant(expiresAt)) ?? Number.POSITIVE_INFINITY

function instantOf(text: string): string {
  const at = parseInstant(text)
  if (at === undefined) throw new UsageError('--expires is an instant such as 2027-06-30T22:00:00Z')
  return new Date(at).toISOString()
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? []
  const ms = UNIT_MS[unit]
  if (ms === undefined) throw new UsageError('--overlap is a time such as 30m, 24h or 7d')
  return Number(count) * ms
}
