import type { ErrorObject } from 'ajv'
import type { Findings } from './finding.ts'
import { didYouMean } from './suggest.ts'
import type { Path, YamlFile } from './yaml-file.ts'

type Schema = {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly { readonly const?: unknown }[]
}

/** Words one complaint of the schema check: where, what was found, what is expected. */
export function pointOut(error: ErrorObject, file: YamlFile, findings: Findings, at: Path): void {
  const path = [...at, ...stepsOf(error.instancePath)]
  const schema = (error.parentSchema ?? {}) as Schema
  const { params } = error
  const name = path.join('.')
  const complain = (rule: string, message: string) =>
    findings.error(file.placeOf(path), rule, name ? `${name} ${message}` : message)
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = [...path, String(params.additionalProperty)]
      findings.error(
        file.placeOfKey(key),
        'unknown-key',
        `${key.join('.')}: ${unknownKey(params, schema)}`,
      )
      return
    }
    case 'required': {
      const key = String(params.missingProperty)
      const description = schema.properties?.[key]?.description
      findings.error(
        file.placeOfKey(path),
        'missing-key',
        `${[...path, key].join('.')} is missing${description ? `: ${description}` : ''}`,
      )
      return
    }
    case 'enum': {
      const allowed: string[] = params.allowedValues.map(String)
      complain('wrong-value', `must be ${oneOf(allowed)}${didYouMean(String(error.data), allowed)}`)
      return
    }
    case 'anyOf':
    case 'oneOf':
      complain('wrong-value', `must be ${schema.description ?? oneOf(literalsOf(schema))}`)
      return
    case 'type':
      complain(
        'wrong-type',
        `must be ${TYPES[params.type] ?? params.type}, not ${kindOf(error.data)}${described(schema)}`,
      )
      return
    case 'pattern':
    case 'format':
      complain(
        'wrong-value',
        `must be ${schema.description ?? `of the form ${params.pattern ?? params.format}`}`,
      )
      return
    default:
      complain('wrong-value', `${error.message ?? 'is not valid'}${described(schema)}`)
  }
}

function unknownKey(params: ErrorObject['params'], { properties, description }: Schema): string {
  if (!properties) return `not a name that can stand here; expected are ${description ?? 'others'}`
  const known = Object.keys(properties)
  const hint = didYouMean(String(params.additionalProperty), known)
  return `unknown key${hint || `; known are ${known.join(', ')}`}`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of keys and values',
}

const kindOf = (data: unknown): string =>
  data === null
    ? 'empty'
    : Array.isArray(data)
      ? 'a list'
      : typeof data === 'number'
        ? `the number ${data}`
        : (TYPES[typeof data] ?? typeof data)

const described = ({ description }: Schema): string => (description ? ` (${description})` : '')
const oneOf = (names: readonly string[]): string =>
  names.length > 1 ? `one of ${names.join(', ')}` : `${names[0] ?? 'of another form'}`
const literalsOf = ({ anyOf = [] }: Schema): string[] =>
  anyOf.flatMap(({ const: literal }) => (literal === undefined ? [] : [String(literal)]))

/** The steps of a JSON Pointer (RFC 6901). */
const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
