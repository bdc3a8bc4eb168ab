import { added } from '../change.ts'
import { same } from '../text-of.ts'
import { compareAlternatives } from './alternatives.ts'
import { asSchema, type Comparison, judge, type Schema } from './law.ts'
import { compareValues } from './values.ts'

/** Compares two JSON Schemas, whatever is in them, by the law of compatibility. */
export function compareSchemas(before: unknown, after: unknown, at: Comparison): void {
  const [old, now] = [asSchema(before), asSchema(after)]
  if (old === now || isUnderWay(old, now, at)) return
  compareValues(old, now, at)
  compareProperties(old, now, at)
  compareAdditional(old, now, at)
  if (old.items !== undefined || now.items !== undefined) {
    compareSchemas(old.items, now.items, within(at, '[]'))
  }
  compareAlternatives(old, now, at, compareSchemas)
  compareHabits(old, now, at)
}

function isUnderWay(before: Schema, after: Schema, { seen }: Comparison): boolean {
  const others = seen.get(before)
  if (others?.has(after)) return true
  if (others) others.add(after)
  else seen.set(before, new WeakSet([after]))
  return false
}

const within = (at: Comparison, step: string): Comparison => ({ ...at, where: at.where + step })

const propertiesOf = ({ properties }: Schema) => new Map(Object.entries(properties ?? {}))
const requiredOf = ({ required }: Schema): readonly string[] =>
  Array.isArray(required) ? required : []

function compareProperties(before: Schema, after: Schema, at: Comparison): void {
  const [old, now] = [propertiesOf(before), propertiesOf(after)]
  const [needed, needs] = [requiredOf(before), requiredOf(after)]
  for (const name of added(now.keys(), old.keys())) {
    removed(asSchema(old.get(name)), needed.includes(name), after, within(at, `.${name}`))
  }
  for (const name of added(old.keys(), now.keys())) {
    come(asSchema(now.get(name)), needs.includes(name), within(at, `.${name}`))
  }
  for (const [name, schema] of now) {
    if (!old.has(name)) continue
    const here = within(at, `.${name}`)
    if (needs.includes(name) !== needed.includes(name) && isSent(asSchema(schema), at)) {
      if (needs.includes(name))
        judge(here, 'narrowed', 'property-became-required', 'is required now')
      else judge(here, 'widened', 'property-became-optional', 'is optional now')
    }
    compareSchemas(old.get(name), schema, here)
  }
}

/** A read-only property is no part of a request, a write-only one none of a response (OpenAPI 3.1, 4.8.24). */
const isSent = ({ readOnly, writeOnly }: Schema, { direction }: Comparison): boolean =>
  direction === 'request' ? readOnly !== true : writeOnly !== true

function removed(schema: Schema, required: boolean, parent: Schema, at: Comparison): void {
  const { direction, where, report } = at
  if (!isSent(schema, at)) return
  if (direction === 'response') {
    report(
      required ? 'breaking' : 'risky',
      'response-property-removed',
      `${where}: is not answered any more`,
    )
  } else if (parent.additionalProperties === false) {
    report('breaking', 'request-property-removed', `${where}: is refused now`)
  } else {
    report('risky', 'request-property-removed', `${where}: is not looked at any more`)
  }
}

function come(schema: Schema, required: boolean, at: Comparison): void {
  const { direction, where, report } = at
  if (!isSent(schema, at)) return
  if (direction === 'request' && required) {
    report('breaking', 'new-required-request-property', `${where}: must be sent now`)
  } else {
    report('safe', `new-${direction}-property`, `${where}: is new`)
  }
}

/** A response that may have more members is none that callers fail on: they skip what they do not know. */
function compareAdditional(before: Schema, after: Schema, at: Comparison): void {
  const [old, now] = [before.additionalProperties ?? true, after.additionalProperties ?? true]
  if (typeof old === 'object' && typeof now === 'object') {
    compareSchemas(old, now, within(at, '.*'))
    return
  }
  if (same(old, now)) return
  const { direction, where, report } = at
  const narrowed = now === false || old === true
  report(
    direction === 'request' && narrowed ? 'breaking' : 'safe',
    `${direction}-additional-properties-changed`,
    `${where}: ${now === false ? 'unknown members are refused now' : old === false ? 'unknown members are allowed now' : 'what unknown members may be has changed'}`,
  )
}

/** What does not decide which values are allowed, but what becomes of them. */
function compareHabits(before: Schema, after: Schema, at: Comparison): void {
  const { direction, where, report } = at
  if (direction === 'request' && !same(before.default, after.default)) {
    report('risky', 'request-default-changed', `${where}: what is meant by leaving it out changes`)
  }
  if (!same(before.discriminator, after.discriminator)) {
    report('risky', `${direction}-discriminator-changed`, `${where}: is told apart by other means`)
  }
  compareRedaction(before['x-redact'], after['x-redact'], at)
  if (!before.deprecated && after.deprecated) {
    report('safe', `${direction}-property-deprecated`, `${where}: is deprecated now`)
  }
  for (const flag of ['readOnly', 'writeOnly'] as const) {
    if (Boolean(before[flag]) === Boolean(after[flag])) continue
    report(
      'risky',
      `${direction}-${flag === 'readOnly' ? 'read' : 'write'}-only-changed`,
      `${where}: ${after[flag] ? 'became' : 'is no longer'} ${flag}`,
    )
  }
}

/** What operators, `explain` and `replay` lose sight of, or get to see. */
export function compareRedaction(
  before: unknown,
  after: unknown,
  { where, report }: Comparison,
): void {
  if (Boolean(before) === Boolean(after)) return
  if (after) report('risky', 'field-newly-redacted', `${where}: is masked in the logs now`)
  else report('risky', 'field-no-longer-redacted', `${where}: stands in clear in the logs now`)
}
