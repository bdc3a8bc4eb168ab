import { jsonDigest } from '../kernel/canonical-json.ts'

/** Something that was done, or tried, to the gateway by those who administer it. */
export type AuditEntry = {
  /** `policies.applied`, `policies.rejected`, `admin.POST /admin/cache/invalidate`. */
  readonly action: string
  /** Who did it, as far as that is known: a name, or where it came from. */
  readonly who: string
  /** To what: `policies`, a path. */
  readonly subject: string
  /** Policy revisions, where one gave way to another. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** JSON; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry in the chain: `hash` is over everything else in it, the hash of the one before included. */
export type AuditRecord = AuditEntry & {
  /** From 1, without gaps. */
  readonly seq: number
  /** Epoch ms. */
  readonly at: number
  readonly previousHash: string
  readonly hash: string
}

/** What the first record follows. */
export const GENESIS = '0'.repeat(64)

/** @param previous the last record; undefined for the first one */
export function chained(
  entry: AuditEntry,
  at: number,
  previous: Pick<AuditRecord, 'seq' | 'hash'> | undefined,
): AuditRecord {
  const record = {
    ...entry,
    seq: (previous?.seq ?? 0) + 1,
    at,
    previousHash: previous?.hash ?? GENESIS,
  }
  return { ...record, hash: hashOf(record) }
}

/** SHA-256 over the canonical JSON (RFC 8785) of a record without its hash. */
function hashOf({
  seq,
  at,
  who,
  action,
  subject,
  from,
  to,
  detail,
  previousHash,
}: Omit<AuditRecord, 'hash'>) {
  return jsonDigest({
    seq,
    at,
    who,
    action,
    subject,
    from: from ?? null,
    to: to ?? null,
    detail,
    previousHash,
  })
}

export type ChainFault = { readonly seq: number; readonly message: string }

/** Reads a chain from its first record and tells every edit and gap in it. */
export class ChainVerifier {
  #count = 0
  #head: Pick<AuditRecord, 'seq' | 'hash'> = { seq: 0, hash: GENESIS }
  readonly #faults: ChainFault[] = []

  add(record: AuditRecord): void {
    const { seq, previousHash, hash } = record
    const expected = this.#head.seq + 1
    if (seq !== expected) {
      const message =
        seq > expected
          ? `records ${expected} to ${seq - 1} are missing`
          : 'stands twice, or out of order'
      this.#fault(seq, message)
    } else if (previousHash !== this.#head.hash) {
      this.#fault(seq, 'does not follow the record before it')
    }
    if (hashOf(record) !== hash) this.#fault(seq, 'was changed after it was written')
    this.#count++
    this.#head = { seq, hash }
  }

  /** @param known a head noted down before, `seq` and `hash`: what was cut off at the end shows only by it */
  result(known?: Pick<AuditRecord, 'seq' | 'hash'>) {
    if (known && this.#head.seq < known.seq) {
      this.#fault(known.seq, `the chain ends at ${this.#head.seq}: later records were cut off`)
    }
    return { count: this.#count, head: this.#head, faults: this.#faults }
  }

  #fault(seq: number, message: string): void {
    if (this.#faults.length < 100) this.#faults.push({ seq, message })
  }
}
