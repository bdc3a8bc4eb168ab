import type { Findings } from './finding.ts'
import type { Path, YamlFile } from './yaml-file.ts'

const REFERENCE = /\$\{env:([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g
const WHOLE_REFERENCE = /^\$\{env:([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}$/

export type Environment = Readonly<Record<string, string | undefined>>

export type Interpolated = {
  readonly value: unknown
  /** Where something is missing, as JSON Pointers; there the text is still the reference itself. */
  readonly missing: ReadonlySet<string>
}

/**
 * Replaces `${env:NAME}` and `${env:NAME:-default}` in every text of a value. What is missing is a
 * finding at its place; values of the environment never stand in a finding.
 */
export function interpolate(
  value: unknown,
  env: Environment,
  file: YamlFile,
  findings: Findings,
): Interpolated {
  const missing = new Set<string>()
  const fill = (item: unknown, path: Path): unknown => {
    if (typeof item === 'string') {
      return item.replaceAll(REFERENCE, (whole, name: string, fallback: string | undefined) => {
        const found = env[name] || fallback
        if (found !== undefined) return found
        findings.error(file.placeOf(path), 'env-missing', `the environment does not set ${name}`)
        missing.add(pointerOf(path))
        return whole
      })
    }
    if (Array.isArray(item)) return item.map((child, i) => fill(child, [...path, i]))
    if (item === null || typeof item !== 'object') return item
    return Object.fromEntries(
      Object.entries(item).map(([key, child]) => [key, fill(child, [...path, key])]),
    )
  }
  return { value: fill(value, []), missing }
}

/** Where a text's content comes from, for the rules about secrets. */
export function sourceOf(text: string, env: Environment): 'environment' | 'default' | 'file' {
  const [reference, name = ''] = WHOLE_REFERENCE.exec(text) ?? []
  if (reference === undefined) return 'file'
  return env[name] ? 'environment' : 'default'
}

const pointerOf = (path: Path): string =>
  path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
