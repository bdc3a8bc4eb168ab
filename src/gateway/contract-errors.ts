import type { ErrorObject } from 'ajv'
import type { ProblemError } from '../kernel/problems.ts'

/** More complaints than this about one message help nobody, and a caller decides how many there are. */
const MAX_ERRORS = 50

/**
 * Turns the validator's findings into pointers into the message that the caller sent.
 *
 * @param errors of a value shaped `{ path, query, header, requestBody }`, or of a body alone
 * @param root   what the instance paths are relative to: `''` for that shape, `/body` for a body
 */
export function toProblemErrors(errors: readonly ErrorObject[], root = ''): ProblemError[] {
  const seen = new Set<string>()
  const result: ProblemError[] = []
  for (const error of errors) {
    // A failed `if`, `anyOf` or `oneOf` only repeats what its branches have said.
    if (error.keyword === 'if') continue
    const entry = toProblemError(error, root)
    const key = `${entry.pointer} ${entry.message}`
    if (seen.has(key)) continue
    seen.add(key)
    if (result.length === MAX_ERRORS) {
      result.push({ pointer: '#', code: 'more', message: `and ${errors.length - MAX_ERRORS} more` })
      break
    }
    result.push(entry)
  }
  return result
}

function toProblemError(error: ErrorObject, root: string): ProblemError {
  const path = root + error.instancePath.replace(/^\/requestBody/, '/body')
  const { keyword, params } = error
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = String(params.additionalProperty ?? params.unevaluatedProperty)
    const what = path === '/query' ? 'query parameter' : 'member'
    return {
      pointer: `#${path}/${escapePointer(name)}`,
      code: 'unknown',
      message: `unknown ${what}`,
    }
  }
  if (keyword === 'required') {
    const name = String(params.missingProperty)
    const target = name === 'requestBody' ? '/body' : `${path}/${escapePointer(name)}`
    return { pointer: `#${target}`, code: 'required', message: 'is required' }
  }
  if (keyword === 'enum') {
    return {
      pointer: `#${path}`,
      code: 'enum',
      message: `must be one of ${(params.allowedValues as unknown[]).map(v => JSON.stringify(v)).join(', ')}`,
    }
  }
  return { pointer: `#${path}`, code: keyword, message: error.message ?? 'is not valid' }
}

/** RFC 6901 section 3; long names are cut: they come from the caller. */
const escapePointer = (name: string): string =>
  name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
