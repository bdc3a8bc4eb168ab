import type { Findings } from './finding.ts'
import type { Path, YamlFile } from './yaml-file.ts'

const REFERENCE = /\$\{env:([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces `${env:NAME}` and `${env:NAME:-default}` in every string of a value. What is missing is a
 * finding at its place; values never stand in a finding.
 */
export function interpolate(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  file: YamlFile,
  findings: Findings,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(REFERENCE, (_, name: string, fallback: string | undefined) => {
      const found = env[name] || fallback
      if (found === undefined) {
        findings.error(file.placeOf(path), 'env-missing', `the environment does not set ${name}`)
        return ''
      }
      return found
    })
  }
  if (Array.isArray(value)) {
    return value.map((item, i) => interpolate(item, env, file, findings, [...path, i]))
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        interpolate(item, env, file, findings, [...path, key]),
      ]),
    )
  }
  return value
}

/** Whether a string takes at least part of its text from the environment. */
export const isFromEnvironment = (text: string): boolean => text.match(REFERENCE) !== null
