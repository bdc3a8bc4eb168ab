import { parseArgs } from 'node:util'
import { readEnvironment } from '../environment.ts'
import { systemClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { type AuditRecord, ChainVerifier } from '../model/audit.ts'
import { createAuditTrail } from '../store/audit-trail.ts'
import { openDatabase } from '../store/open.ts'
import { type Command, UsageError } from './command.ts'

/** Reads records after one, in order. */
type Read = (after: number, limit: number) => Promise<readonly AuditRecord[]>

/** `postern audit verify`: whether the record of administration is whole and as it was written. */
export const audit: Command = {
  usage: 'audit verify [--url MANAGEMENT_URL] [--head SEQ:HASH] [--json]',
  summary: 'finds any edit or gap in the audit trail',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { url: { type: 'string' }, head: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    })
    if (positionals.length !== 1 || positionals[0] !== 'verify') {
      throw new UsageError('say what to do: verify')
    }
    const known = values.head === undefined ? undefined : parseHead(values.head)
    const verifier = new ChainVerifier()
    let knownHash: string | undefined
    await withRecords(values.url, async read => {
      for (let after = 0; ; ) {
        const records = await read(after, PAGE)
        for (const record of records) {
          verifier.add(record)
          if (record.seq === known?.seq) knownHash = record.hash
        }
        const last = records.at(-1)
        if (!last) return
        after = last.seq
      }
    })
    const { count, head, faults } = verifier.result(known)
    const differs = known && knownHash !== undefined && knownHash !== known.hash
    const all = differs
      ? [...faults, { seq: known.seq, message: 'is not the record that was noted down' }]
      : faults
    if (values.json) {
      console.log(JSON.stringify({ ok: all.length === 0, count, head, faults: all }, null, 2))
    } else {
      for (const { seq, message } of all) console.log(`record ${seq} ${message}`)
      console.log(
        all.length
          ? `${count} records, ${all.length} faults`
          : `${count} records, whole; note down the head: ${head.seq}:${head.hash}`,
      )
    }
    return all.length ? 1 : 0
  },
}

const PAGE = 1000

function parseHead(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (!seq || !hash) throw new UsageError('--head is SEQ:HASH, as verify prints it')
  return { seq: Number(seq), hash }
}

/** From a running gateway, or, where none is, from the database itself. */
async function withRecords(url: string | undefined, work: (read: Read) => Promise<void>) {
  const environment = readEnvironment(process.env)
  const { managementHost: host, managementPort: port, databaseUrl, dataDir } = environment
  const address = url ?? `http://${host}:${port}`
  if (url !== undefined || (databaseUrl === undefined && (await answers(address)))) {
    return work((after, limit) => fetchRecords(address, after, limit))
  }
  const database = await openDatabase({ databaseUrl, dataDir, logger: silentLogger })
  try {
    await work(createAuditTrail(database, systemClock).read)
  } finally {
    await database.close()
  }
}

const answers = (address: string): Promise<boolean> =>
  fetch(`${address}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )

async function fetchRecords(address: string, after: number, limit: number) {
  const response = await fetch(`${address}/admin/audit?after=${after}&limit=${limit}`)
  if (!response.ok)
    throw new Error(`${address} answers ${response.status}: ${await response.text()}`)
  const { records } = (await response.json()) as { records: readonly AuditRecord[] }
  return records
}
