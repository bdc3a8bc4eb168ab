import { added } from '../change.ts'
import { same, textOf } from '../text-of.ts'
import { type Comparison, type Effect, judge, type Schema } from './law.ts'

const UPPER_BOUNDS = [
  'maximum',
  'exclusiveMaximum',
  'maxLength',
  'maxItems',
  'maxProperties',
  'maxContains',
]
const LOWER_BOUNDS = [
  'minimum',
  'exclusiveMinimum',
  'minLength',
  'minItems',
  'minProperties',
  'minContains',
]
/** Each holds values to something more; what it holds them to cannot be compared. */
const CONSTRAINTS = [
  'const',
  'contentEncoding',
  'contentMediaType',
  'contains',
  'dependentRequired',
  'dependentSchemas',
  'format',
  'multipleOf',
  'not',
  'pattern',
  'patternProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
]

/** Compares what two schemas say of a value itself: types, enumerations, bounds and other constraints. */
export function compareValues(before: Schema, after: Schema, at: Comparison): void {
  compareTypes(before, after, at)
  compareEnums(before.enum, after.enum, at)
  for (const keyword of UPPER_BOUNDS) compareBounds(keyword, 1, before, after, at)
  for (const keyword of LOWER_BOUNDS) compareBounds(keyword, -1, before, after, at)
  for (const keyword of CONSTRAINTS) compareConstraint(keyword, before, after, at)
  if (Boolean(before.uniqueItems) !== Boolean(after.uniqueItems)) {
    const [effect, message] = after.uniqueItems
      ? (['narrowed', 'items must now differ'] as const)
      : (['widened', 'items may now repeat'] as const)
    judge(at, effect, 'unique-items', message)
  }
}

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']

const typesOf = ({ type, nullable }: Schema): ReadonlySet<string> => {
  const named = type === undefined ? TYPES : [type].flat().map(String)
  return new Set([
    ...named,
    ...(named.includes('number') ? ['integer'] : []),
    ...(nullable === true ? ['null'] : []),
  ])
}

function compareTypes(before: Schema, after: Schema, at: Comparison): void {
  const [old, now] = [typesOf(before), typesOf(after)]
  if (old.has('null') !== now.has('null')) {
    const effect = now.has('null') ? 'widened' : 'narrowed'
    const word = now.has('null') ? 'may now be null' : 'may no longer be null'
    judge(at, effect, now.has('null') ? 'became-nullable' : 'became-not-nullable', word)
  }
  const [gone, come] = [added(now, old), added(old, now)].map(types =>
    types.filter(type => type !== 'null'),
  )
  if (!gone?.length && !come?.length) return
  const effect: Effect = gone?.length ? (come?.length ? 'changed' : 'narrowed') : 'widened'
  judge(at, effect, 'type-changed', `was ${inWords(before)}, is now ${inWords(after)}`)
}

const inWords = ({ type }: Schema): string => (type === undefined ? 'any' : [type].flat().join('|'))

function compareEnums(before: unknown, after: unknown, at: Comparison): void {
  if (!Array.isArray(before) && !Array.isArray(after)) return
  if (!Array.isArray(before)) {
    judge(at, 'narrowed', 'became-enum', `must now be one of ${listed(after as unknown[])}`)
  } else if (!Array.isArray(after)) {
    judge(at, 'widened', 'became-not-enum', 'may now be any value')
  } else {
    const [old, now] = [before.map(textOf), after.map(textOf)]
    const [gone, come] = [added(now, old), added(old, now)]
    if (gone.length) judge(at, 'narrowed', 'enum-value-removed', `no longer ${gone.join(', ')}`)
    if (come.length) judge(at, 'widened', 'enum-value-added', `now also ${come.join(', ')}`)
  }
}

/** @param sign 1 for an upper bound, -1 for a lower one */
function compareBounds(
  keyword: string,
  sign: number,
  before: Schema,
  after: Schema,
  at: Comparison,
): void {
  const open = sign * Number.POSITIVE_INFINITY
  const [old, now] = [boundOf(before[keyword], open), boundOf(after[keyword], open)]
  if (old === now) return
  const effect = sign * now < sign * old ? 'narrowed' : 'widened'
  judge(at, effect, `${kebab(keyword)}-changed`, `${keyword} was ${told(old)}, is now ${told(now)}`)
}

const boundOf = (value: unknown, open: number): number => (typeof value === 'number' ? value : open)
const told = (bound: number): string => (Number.isFinite(bound) ? String(bound) : 'none')
const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, c => `-${c.toLowerCase()}`)

function compareConstraint(keyword: string, before: Schema, after: Schema, at: Comparison): void {
  const [old, now] = [before[keyword], after[keyword]]
  if (same(old, now)) return
  const rule = `${kebab(keyword)}-changed`
  if (old === undefined) judge(at, 'narrowed', rule, `has now a ${keyword}: ${short(now)}`)
  else if (now === undefined) judge(at, 'widened', rule, `has no ${keyword} any more`)
  else if (keyword === 'pattern') {
    // Which of two regular expressions allows more cannot be told.
    const message = `${at.where}: pattern was ${short(old)}, is now ${short(now)}`
    at.report('risky', `${at.direction}-${rule}`, message)
  } else judge(at, 'changed', rule, `${keyword} was ${short(old)}, is now ${short(now)}`)
}

const short = (value: unknown): string => {
  const text = textOf(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
const listed = (values: readonly unknown[]): string => values.map(short).join(', ')
