import type { Rank, Report } from './change.ts'

/** What a number's going up and down means to those whom it concerns. */
export type Meaning = {
  readonly name: string
  readonly up: readonly [rank: Rank, rule: string]
  readonly down: readonly [rank: Rank, rule: string]
}

/** @param before undefined for "no bound"; it is above every number */
export function compareNumber(
  { name, up, down }: Meaning,
  before: number | undefined,
  after: number | undefined,
  report: Report,
): void {
  const [old, now] = [before ?? Infinity, after ?? Infinity]
  if (old === now) return
  const [rank, rule] = now > old ? up : down
  report(rank, rule, `${name} was ${before ?? 'none'}, is now ${after ?? 'none'}`)
}

/** A bound on what callers may do. */
export const limit = (name: string): Meaning => ({
  name,
  up: ['safe', 'limit-raised'],
  down: ['risky', 'limit-lowered'],
})
