import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import type { Findings } from './finding.ts'
import { didYouMean } from './suggest.ts'
import type { Path, YamlFile } from './yaml-file.ts'

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: false, verbose: true })
addFormats.default(ajv)
const compiled = new WeakMap<TSchema, ValidateFunction>()

/**
 * Holds a file, or a part of it, to its schema, filling in defaults. Every complaint has its place and
 * says what is expected there.
 *
 * @param at where `value` stands in the file
 * @returns whether it holds
 */
export function checkSchema(
  schema: TSchema,
  value: unknown,
  file: YamlFile,
  findings: Findings,
  at: Path = [],
): boolean {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  if (validate(value)) return true
  const errors = validate.errors ?? []
  // A union repeats the complaints of all its branches: the one at the union says enough.
  const unions = errors.filter(e => e.keyword === 'anyOf' || e.keyword === 'oneOf')
  for (const error of errors) {
    const insideUnion = unions.some(
      u => u !== error && error.schemaPath.startsWith(`${u.schemaPath}/`),
    )
    if (insideUnion && isShallow(error, unions)) continue
    report(error, file, findings, at)
  }
  return false
}

/** A branch's complaint about a member deeper than the union itself is still worth telling. */
const isShallow = (error: ErrorObject, unions: readonly ErrorObject[]): boolean =>
  unions.some(u => error.instancePath === u.instancePath || error.keyword === 'const')

function report(error: ErrorObject, file: YamlFile, findings: Findings, at: Path): void {
  const path = [...at, ...error.instancePath.split('/').slice(1).map(unescapePointer)]
  const { params, keyword } = error
  const name = path.join('.') || 'the file'
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty)
    const known = Object.keys(error.parentSchema?.properties ?? {})
    const label = [...path, key].join('.')
    findings.error(
      file.placeOfKey([...path, key]),
      'unknown-key',
      `${label}: unknown key${didYouMean(key, known) || `; known are ${known.join(', ')}`}`,
    )
    return
  }
  const place = file.placeOf(path)
  switch (keyword) {
    case 'required':
      findings.error(
        place,
        'missing-key',
        `${[...path, params.missingProperty].join('.')} is missing${describe(error, params.missingProperty)}`,
      )
      return
    case 'enum':
      findings.error(
        place,
        'schema',
        `${name} must be one of ${params.allowedValues.join(', ')}${didYouMean(String(error.data), params.allowedValues.map(String))}`,
      )
      return
    case 'anyOf':
    case 'oneOf':
      findings.error(
        place,
        'schema',
        `${name} must be ${String(error.parentSchema?.description ?? 'of another form')}`,
      )
      return
    default:
      findings.error(place, 'schema', `${name} ${error.message ?? 'is not valid'}`)
  }
}

function describe(error: ErrorObject, name: string): string {
  const description = error.parentSchema?.properties?.[name]?.description
  return typeof description === 'string' ? ` (${description})` : ''
}

const unescapePointer = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')
