import type { Place } from '../../kernel/place.ts'

/** `breaking`: what worked may stop; `risky`: it works, but differently; `safe`: nobody has to do anything. */
export type Rank = 'breaking' | 'risky' | 'safe'

export const RANKS: readonly Rank[] = ['breaking', 'risky', 'safe']

/** One difference between two policy sets and their contracts. */
export type Change = {
  readonly rank: Rank
  /** Kebab-case id of what kind of change it is, `limit-lowered`. */
  readonly rule: string
  /** What changes: `inventory v2 getAvailability`, `plan partner`. */
  readonly subject: string
  /** How, in words. Never a secret's value. */
  readonly message: string
  /** The ids of the consumers who will see it; empty when it concerns nobody, or no caller at all. */
  readonly concerns: readonly string[]
  /** Where it now stands; where it stood, when it is gone. */
  readonly place: Place
}

/** What a comparison of one subject finds; who compares says whom it concerns and where it stands. */
export type Report = (rank: Rank, rule: string, message: string) => void

/** Breaking first; within a rank by subject and rule, so that two runs read the same. */
export const inOrder = (changes: readonly Change[]): readonly Change[] =>
  changes.toSorted(
    (a, b) =>
      RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) ||
      compareText(a.subject, b.subject) ||
      compareText(a.rule, b.rule) ||
      compareText(a.message, b.message),
  )

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Entries of two maps side by side, by name. */
export function* sideBySide<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): Generator<readonly [name: string, before: T | undefined, after: T | undefined]> {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    yield [name, before.get(name), after.get(name)]
  }
}

/** What the second has and the first has not. */
export const added = <T>(before: Iterable<T>, after: Iterable<T>): T[] => {
  const known = new Set(before)
  return [...after].filter(item => !known.has(item))
}
