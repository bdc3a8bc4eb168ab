import { textOf } from '../text-of.ts'
import { asSchema, type Comparison, type Effect, judge, type Schema } from './law.ts'

/** One more alternative allows more; one more part of `allOf` allows less. */
const EFFECTS: Readonly<Record<string, { added: Effect; removed: Effect }>> = {
  oneOf: { added: 'widened', removed: 'narrowed' },
  anyOf: { added: 'widened', removed: 'narrowed' },
  allOf: { added: 'narrowed', removed: 'widened' },
}

/**
 * Compares the alternatives and parts of two schemas. Equal ones belong together wherever they stand;
 * of the others those of one title, then those that are left over, in their order.
 */
export function compareAlternatives(
  before: Schema,
  after: Schema,
  at: Comparison,
  compare: (before: unknown, after: unknown, at: Comparison) => void,
): void {
  for (const [keyword, effects] of Object.entries(EFFECTS)) {
    const [old, now] = [listOf(before[keyword]), listOf(after[keyword])]
    if (!old.length && !now.length) continue
    const rule = `${keyword === 'allOf' ? 'all-of' : keyword === 'oneOf' ? 'one-of' : 'any-of'}`
    if (!old.length) {
      // Something that was free is held to the alternatives now: that is less, however many there are.
      judge(at, 'narrowed', `${rule}-added`, `must match ${keyword} now`)
      continue
    }
    if (!now.length) {
      judge(at, 'widened', `${rule}-removed`, `need not match ${keyword} any more`)
      continue
    }
    const { pairs, gone, come } = matched(old, now)
    for (const [one, other] of pairs) {
      compare(one, other, { ...at, where: `${at.where}(${keyword} ${titleOf(other, now)})` })
    }
    for (const one of gone) {
      judge(at, effects.removed, `${rule}-removed`, `${keyword} ${titleOf(one, old)} is gone`)
    }
    for (const one of come) {
      judge(at, effects.added, `${rule}-added`, `${keyword} ${titleOf(one, now)} is new`)
    }
  }
}

const listOf = (value: unknown): readonly Schema[] =>
  Array.isArray(value) ? value.map(asSchema) : []

const titleOf = (schema: Schema, among: readonly Schema[]): string =>
  typeof schema.title === 'string' ? `"${schema.title}"` : String(among.indexOf(schema) + 1)

function matched(before: readonly Schema[], after: readonly Schema[]) {
  const pairs: (readonly [Schema, Schema])[] = []
  let [gone, come] = [[...before], [...after]]
  const pair = (belong: (a: Schema, b: Schema) => boolean): void => {
    for (const one of gone) {
      const other = come.find(candidate => belong(one, candidate))
      if (!other) continue
      pairs.push([one, other])
      gone = gone.filter(schema => schema !== one)
      come = come.filter(schema => schema !== other)
    }
  }
  pair((a, b) => textOf(a) === textOf(b))
  pair((a, b) => a.title !== undefined && a.title === b.title)
  if (gone.length === come.length) pair(() => true)
  return { pairs, gone, come }
}
