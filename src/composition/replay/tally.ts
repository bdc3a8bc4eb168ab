import type { Verdict } from '../../gateway/trail.ts'
import type { AccessRecord } from './access-record.ts'

/** What a replayed call came to: which stage refused it, if one did, and whether memory had the answer. */
export type Outcome = {
  readonly refusal:
    | { readonly step: string; readonly code: string; readonly policy: string }
    | undefined
  readonly cache: string
  readonly wouldRefuse: readonly Verdict[]
}

/** What becomes of one consumer's calls of one operation. */
export type Row = {
  readonly consumer: string
  readonly operation: string
  calls: number
  /** By `step code policy`: calls that passed and would be refused. */
  readonly nowRefused: Map<string, number>
  /** Calls that were refused by a policy and would pass. */
  nowPassing: number
  /** Answered from memory where they went to the ERP. */
  nowCached: number
  /** Sent to the ERP where they were answered from memory. */
  nowSlowed: number
  /** By `step policy`: refusals that would only be counted. */
  readonly wouldRefuse: Map<string, number>
  /** A few correlation ids of calls that would be decided differently. */
  readonly examples: string[]
}

const MAX_EXAMPLES = 3
const FROM_MEMORY = ['hit', 'stale']

/** Adds up differences; its size is bounded by the consumers and operations of the policies. */
export class Tally {
  readonly #rows = new Map<string, Row>()

  add(record: AccessRecord, outcome: Outcome): void {
    const row = this.#rowOf(record)
    row.calls++
    const { refusal } = outcome
    const wasRefused = record.refusedBy !== undefined
    const differs = wasRefused !== (refusal !== undefined)
    if (refusal && !wasRefused) {
      raise(row.nowRefused, `${refusal.step} ${refusal.code} ${refusal.policy}`)
    } else if (!refusal && wasRefused) {
      row.nowPassing++
    } else if (!refusal) {
      const [was, is] = [record.cache, outcome.cache].map(cache => FROM_MEMORY.includes(cache))
      if (is && !was) row.nowCached++
      if (was && !is) row.nowSlowed++
    }
    for (const { step, policy } of outcome.wouldRefuse) raise(row.wouldRefuse, `${step} ${policy}`)
    if (differs && row.examples.length < MAX_EXAMPLES) row.examples.push(record.correlationId)
  }

  /** The most refused first. */
  rows(): readonly Row[] {
    return [...this.#rows.values()].sort(
      (a, b) =>
        total(b.nowRefused) - total(a.nowRefused) ||
        b.nowSlowed - a.nowSlowed ||
        b.nowPassing - a.nowPassing ||
        b.calls - a.calls,
    )
  }

  #rowOf({ consumer, api, version, operation }: AccessRecord): Row {
    const name = `${api} ${version} ${operation}`
    const key = `${consumer} ${name}`
    let row = this.#rows.get(key)
    if (!row) {
      row = {
        consumer,
        operation: name,
        calls: 0,
        nowRefused: new Map(),
        nowPassing: 0,
        nowCached: 0,
        nowSlowed: 0,
        wouldRefuse: new Map(),
        examples: [],
      }
      this.#rows.set(key, row)
    }
    return row
  }
}

const raise = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

export const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)
