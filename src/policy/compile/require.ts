import type { Findings } from '../finding.ts'
import { didYouMean } from '../suggest.ts'
import type { Path, YamlFile } from '../yaml-file.ts'

/**
 * Complains about a name that nothing bears.
 *
 * @param what `plan`: the rule is then `unknown-plan`
 * @returns whether it is known
 */
export function requireKnown(
  what: string,
  name: string,
  known: ReadonlySet<string>,
  file: YamlFile,
  path: Path,
  findings: Findings,
): boolean {
  if (known.has(name)) return true
  const message = `there is no ${what} "${name}"${didYouMean(name, known)}`
  findings.error(file.placeOf(path), `unknown-${what.replaceAll(' ', '-')}`, message)
  return false
}

/** @returns whether it is an IANA time zone that this Node knows */
export function requireTimeZone(
  name: string,
  file: YamlFile,
  path: Path,
  findings: Findings,
): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    const message = `"${name}" is not a time zone${didYouMean(name, Intl.supportedValuesOf('timeZone'))}`
    findings.error(file.placeOf(path), 'unknown-time-zone', message)
    return false
  }
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** @returns whether it is an ISO 4217 currency */
export const requireCurrency = (
  code: string,
  file: YamlFile,
  path: Path,
  findings: Findings,
): boolean => requireKnown('currency', code, CURRENCIES, file, path, findings)
