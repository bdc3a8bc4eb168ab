import type { Clock } from '../../kernel/clock.ts'
import type { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { Known } from '../../ports/shared-knowledge.ts'
import { believed, type Kind, overdue } from './knowledge.ts'

type Failed<Key> = { readonly keys: readonly Key[]; readonly failure: UpstreamFailure }
type Reading<Key, Row> = {
  readonly rows: readonly Row[]
  readonly failures: readonly Failed<Key>[]
}

/** How things of one kind are asked for and kept: stock, or prices. */
export type Asking<Key, Row, Value> = {
  read(keys: readonly Key[], call: ErpCall): Promise<Reading<Key, Row>>
  /** Where what is said of a key is kept; undefined when it is not. */
  kindOf(key: Key, now: number): Kind<Value> | undefined
  /** Unlike any other key's. */
  keyText(key: Key): string
  /** What a change of it would name. */
  thingOf(key: Key): string
  exists(value: Value): boolean
  /** Whether what was said then can still be all there is to say. */
  mayHold(known: Known<Value>, now: number): boolean
  thingOfRow(row: Row): string
  /** What an answer says of a key. @param rows of the key's thing */
  knownOf(key: Key, rows: readonly Row[], askedAt: number): Known<Value>
  rowsOf(value: Value, state: { readonly verifiedAt: number } | 'overdue'): readonly Row[]
}

const NOTHING = { rows: [], failures: [] }

/** How often it is looked whether another process has its answer, ms. */
const LOOK_AGAIN_MS = 15

/**
 * Answers from what the ERPs have said, and asks only for what is missing: what another process is asking for
 * is waited for. What cannot be asked for is told as it was last known, marked, for as long as the policy
 * lets it be.
 */
export const knownSource =
  <Key, Row, Value>(asking: Asking<Key, Row, Value>, clock: Clock) =>
  async (keys: readonly Key[], call: ErpCall): Promise<Reading<Key, Row>> => {
    const rows: Row[] = []
    const failures: Failed<Key>[] = []

    /** Answers what is known in this process. @returns the rest */
    const tell = (wanted: readonly Key[], outcome: 'known' | 'shared'): readonly Key[] => {
      const now = clock.now()
      return wanted.filter(key => {
        const kind = asking.kindOf(key, now)
        if (!kind) return true
        const place = { key: asking.keyText(key), thing: asking.thingOf(key), now }
        const known = believed(kind, place, asking.exists)
        if (!known || !asking.mayHold(known, now)) return true
        kind.metrics.answered(kind.name, outcome, 1)
        kind.metrics.aged(kind.name, now - known.verifiedAt)
        rows.push(...asking.rowsOf(known.value, known))
        return false
      })
    }

    const byKind = (wanted: readonly Key[]) =>
      Map.groupBy(wanted, key => asking.kindOf(key, clock.now()))

    /** Takes over what the other processes know. */
    const learn = async (wanted: readonly Key[]): Promise<void> => {
      await Promise.all(
        [...byKind(wanted)].map(async ([kind, part]) => {
          const known = await kind?.shared?.read(part.map(asking.keyText))
          for (const [key, value] of known ?? []) kind?.shelf.put(key, value)
        }),
      )
    }

    /** @returns the keys that nobody else is asking for */
    const claim = async (wanted: readonly Key[]): Promise<ReadonlySet<Key>> => {
      const mine = await Promise.all(
        [...byKind(wanted)].map(async ([kind, part]) => {
          if (!kind?.shared) return part
          const claimed = await kind.shared.claim(part.map(asking.keyText))
          return part.filter(key => claimed.has(asking.keyText(key)))
        }),
      )
      return new Set(mine.flat())
    }

    const ask = async (wanted: readonly Key[]): Promise<void> => {
      if (wanted.length === 0) return
      const askedAt = clock.now()
      const answer = await asking.read(wanted, call).catch(error => {
        giveUp(wanted)
        throw error
      })
      const again = await askAgain(leftOut(wanted, answer))
      const all = {
        rows: [...answer.rows, ...again.rows],
        failures: [...answer.failures, ...again.failures],
      }
      const failed = new Set(all.failures.flatMap(failure => failure.keys))
      keep(
        wanted.filter(key => !failed.has(key)),
        all.rows,
        askedAt,
      )
      giveUp([...failed])
      rows.push(...all.rows)
      failures.push(...(call.readThrough ? all.failures : all.failures.flatMap(lastKnown)))
    }

    /** Keys that the ERP knew, and that an answer says nothing of: it may have told a part only. */
    const leftOut = (wanted: readonly Key[], answer: Reading<Key, Row>): readonly Key[] => {
      const told = new Set(answer.rows.map(asking.thingOfRow))
      const failed = new Set(answer.failures.flatMap(failure => failure.keys))
      return wanted.filter(key => {
        if (told.has(asking.thingOf(key)) || failed.has(key)) return false
        const known = asking.kindOf(key, clock.now())?.shelf.peek(asking.keyText(key))
        return known !== undefined && asking.exists(known.value)
      })
    }

    /** What is left out twice is not there any more. */
    const askAgain = async (wanted: readonly Key[]): Promise<Reading<Key, Row>> =>
      wanted.length ? asking.read(wanted, { ...call, readThrough: true }) : NOTHING

    const keep = (told: readonly Key[], answer: readonly Row[], askedAt: number): void => {
      const byThing = Map.groupBy(answer, asking.thingOfRow)
      for (const [kind, part] of byKind(told)) {
        if (!kind) continue
        const entries = new Map(
          part.map(key => {
            const about = byThing.get(asking.thingOf(key)) ?? []
            return [asking.keyText(key), asking.knownOf(key, about, askedAt)]
          }),
        )
        for (const [key, known] of entries) kind.shelf.put(key, known)
        kind.shared?.write(entries)
        kind.metrics.answered(kind.name, 'asked', part.length)
      }
    }

    const giveUp = (wanted: readonly Key[]): void => {
      for (const [kind, part] of byKind(wanted)) kind?.shared?.release(part.map(asking.keyText))
    }

    /** Answers what was known of the keys of a failure. @returns the failure, of the others */
    const lastKnown = (failed: Failed<Key>): readonly Failed<Key>[] => {
      // A no is an answer: what was known before is not true any more.
      if (failed.failure.kind === 'rejected') return [failed]
      const now = clock.now()
      const unanswered = failed.keys.filter(key => {
        const kind = asking.kindOf(key, now)
        const value = kind && overdue(kind, asking.keyText(key), now)
        if (!kind || value === undefined || !asking.exists(value)) return true
        kind.metrics.answered(kind.name, 'overdue', 1)
        rows.push(...asking.rowsOf(value, 'overdue'))
        return false
      })
      return unanswered.length ? [{ ...failed, keys: unanswered }] : []
    }

    /** Another may have had its answer between our looking for it and our claim. */
    const stillMissing = async (claimed: readonly Key[]): Promise<readonly Key[]> => {
      const shared = claimed.filter(key => asking.kindOf(key, clock.now())?.shared)
      if (shared.length === 0) return claimed
      await learn(shared)
      const missing = new Set(tell(shared, 'shared'))
      giveUp(shared.filter(key => !missing.has(key)))
      const isShared = new Set(shared)
      return claimed.filter(key => missing.has(key) || !isShared.has(key))
    }

    /** Asks for what nobody asks for, and waits for the rest, until everything is answered. */
    const obtain = async (wanted: readonly Key[]): Promise<void> => {
      const claimed = await claim(wanted)
      const theirs = wanted.filter(key => !claimed.has(key))
      const mine = await stillMissing([...claimed])
      const wait = async () => {
        if (theirs.length === 0) return
        await clock.sleep(LOOK_AGAIN_MS, call.signal)
        await learn(theirs)
        const rest = tell(theirs, 'shared')
        // A claim ends by itself: whoever made it may have died.
        if (rest.length) await obtain(rest)
      }
      await Promise.all([ask(mine), wait()])
    }

    if (call.readThrough) {
      await ask(keys)
      return { rows, failures }
    }
    const unknown = tell(keys, 'known')
    if (unknown.length === 0) return { rows, failures }
    await learn(unknown)
    const missing = tell(unknown, 'shared')
    if (missing.length > 0) await obtain(missing)
    return { rows, failures }
  }
