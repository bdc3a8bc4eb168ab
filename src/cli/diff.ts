import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { VersionReport } from '../composition/lifecycle-report.ts'
import { type LoadedRevision, loadRevision, NoSuchRevision } from '../composition/revisions.ts'
import { fileAndLine } from '../kernel/place.ts'
import { type Change, inOrder, RANKS, type Rank } from '../policy/diff/change.ts'
import { diffGoverned, type Governed } from '../policy/diff/diff.ts'
import { Findings, findingText } from '../policy/finding.ts'
import type { Use } from '../policy/transitions/context.ts'
import { retirement } from '../policy/transitions/retirement.ts'
import { type Command, UsageError } from './command.ts'

/** `postern diff`: what an edit of policies and contracts changes, for whom, before it is merged. */
export const diff: Command = {
  usage: 'diff OLD NEW [--fail-on breaking|risky] [--usage FILE] [--json]',
  summary: 'tells what changes between two folders or git revisions, and for whom',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        'fail-on': { type: 'string' },
        usage: { type: 'string' },
      },
      allowPositionals: true,
    })
    const [old, now] = positionals
    if (!old || !now || positionals.length > 2) {
      throw new UsageError('give two folders or git revisions, the old one first')
    }
    const failOn = rankOf(values['fail-on'])
    const deps = { cwd: process.cwd(), env: process.env, now: Date.now() }
    const load = (name: string): Promise<LoadedRevision> =>
      loadRevision(name, deps).catch(error => {
        throw error instanceof NoSuchRevision ? new UsageError(error.message) : error
      })
    const [before, after] = [await load(old), await load(now)]
    if (!before.ok || !after.ok) {
      for (const [name, side] of [
        [old, before],
        [now, after],
      ] as const) {
        if (side.ok) continue
        console.error(`${name} cannot be loaded:`)
        for (const finding of side.findings) console.error(findingText(finding))
      }
      return 1
    }
    const changes = inOrder([
      ...diffGoverned(before, after, deps.now),
      ...retired(before, after, await readUsage(values.usage), deps.now),
    ])
    console.log(
      values.json
        ? JSON.stringify({ from: before.set.revision, to: after.set.revision, changes }, null, 2)
        : inWords(changes),
    )
    const worst = changes[0]?.rank
    return failOn && worst && RANKS.indexOf(worst) <= RANKS.indexOf(failOn) ? 1 : 0
  },
}

/** A version that goes while somebody pays to call it: the gateway would refuse the edit. */
function retired(before: Governed, after: Governed, usage: readonly Use[], now: number): Change[] {
  const findings = new Findings()
  retirement(before.set, after.set, { now, usage }, findings)
  return findings.sorted().map(({ rule, message, place }) => ({
    rank: 'breaking',
    rule,
    subject: 'lifecycle',
    message,
    concerns: [],
    place,
  }))
}

/** @param path what `GET /admin/lifecycle` of a gateway answered */
async function readUsage(path: string | undefined): Promise<readonly Use[]> {
  if (path === undefined) return []
  const { versions } = JSON.parse(await readFile(path, 'utf8')) as {
    versions?: readonly VersionReport[]
  }
  if (!Array.isArray(versions)) throw new UsageError(`${path} is no answer of GET /admin/lifecycle`)
  return (versions as readonly VersionReport[]).flatMap(({ api, version, callers }) =>
    callers.map(({ consumer, calls }) => ({ api, version, consumer, calls })),
  )
}

function rankOf(text: string | undefined): Rank | undefined {
  if (text === undefined) return undefined
  const rank = RANKS.find(known => known === text)
  if (!rank || rank === 'safe') throw new UsageError('--fail-on takes breaking or risky')
  return rank
}

function inWords(changes: readonly Change[]): string {
  const lines = changes.map(({ rank, rule, subject, message, concerns, place }) =>
    [
      `${rank.padEnd(8)}  ${subject}: ${message}`,
      `          ${rule}, ${fileAndLine(place)}${concerns.length ? `; concerns ${listed(concerns)}` : ''}`,
    ].join('\n'),
  )
  const counts = RANKS.map(rank => `${changes.filter(c => c.rank === rank).length} ${rank}`)
  return [...lines, changes.length ? counts.join(', ') : 'nothing changes'].join('\n')
}

/** A screenful of names says no more than their number. */
const MAX_NAMED = 8
const listed = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
