import { canonicalJson } from '../../kernel/canonical-json.ts'

/** Whether two settings or schemas say the same. */
export const same = (a: unknown, b: unknown): boolean => a === b || textOf(a) === textOf(b)

/** One text for equal schemas; where one contains itself, the text ends. */
export const textOf = (value: unknown): string =>
  value === undefined ? '' : canonicalJson(withoutCycles(value, []))

function withoutCycles(value: unknown, within: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (within.includes(value)) return '…'
  const inside = [...within, value]
  if (Array.isArray(value)) return value.map(item => withoutCycles(item, inside))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, withoutCycles(item, inside)]),
  )
}
