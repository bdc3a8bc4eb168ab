import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import type { Findings } from './finding.ts'
import { isInstant } from './instant.ts'
import { pointOut } from './point-out.ts'
import { tellingErrors } from './telling-errors.ts'
import type { Path, YamlFile } from './yaml-file.ts'

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: false, verbose: true })
addFormats.default(ajv)
ajv.addFormat('instant', isInstant)
const compiled = new WeakMap<TSchema, ValidateFunction>()

/** Something is wrong in every entry of a long list: the first of them will do. */
const MAX_REPORTED = 200

export type SchemaCheck = {
  readonly schema: TSchema
  readonly value: unknown
  readonly file: YamlFile
  readonly findings: Findings
  /** Where `value` stands in the file; its root when absent. */
  readonly at?: Path
  /** Values that are known to be wrong and already reported, as JSON Pointers within `value`. */
  readonly except?: ReadonlySet<string>
}

/**
 * Holds a file, or a part of it, to its schema, filling in defaults. Every complaint has its place and
 * says what is expected there.
 *
 * @returns whether it holds
 */
export function checkSchema({ schema, value, file, findings, at = [], except }: SchemaCheck) {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  if (validate(value)) return true
  const errors: readonly ErrorObject[] = validate.errors ?? []
  const telling = tellingErrors(errors).filter(({ instancePath }) => !except?.has(instancePath))
  for (const error of telling.slice(0, MAX_REPORTED)) pointOut(error, file, findings, at)
  return false
}
