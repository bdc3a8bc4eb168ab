import type { Findings } from '../finding.ts'
import type { Path, YamlFile } from '../yaml-file.ts'

/** Forms that nothing but a credential has. */
const FORMS: readonly (readonly [form: RegExp, what: string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/, 'a private key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, 'a signed token'],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, 'a cloud access key'],
  [/\b(sk|rk)_live_[A-Za-z0-9]{16,}/, 'a payment platform key'],
  [/:\/\/[^/\s:@]{1,100}:[^/\s@${}]{1,100}@/, 'a password in an address'],
]
const NAMES = /(^|[a-z])(password|passwd|secret|token|apikey|privatekey)$/i
const REFERENCE = /\$\{env:/
/** Hashes stand under such names, and words that switch something. */
const HARMLESS = /^(sha256:|none$|demo$|true$|false$)/

/**
 * Looks for credentials that stand in a file in clear: by their form anywhere, and by the name of the key
 * they stand under. The value is never told.
 */
export function leakedSecrets(file: YamlFile, findings: Findings): void {
  const complain = (path: Path, what: string): void =>
    findings.error(
      file.placeOf(path),
      'secret-in-clear',
      `${what} stands here in clear: take it from the environment, \${env:NAME}, and change it, as it has been seen`,
    )
  const visit = (value: unknown, path: Path): void => {
    if (typeof value === 'string') {
      const form = FORMS.find(([pattern]) => pattern.test(value))
      if (form) complain(path, form[1])
      else if (isNamedSecret(path, value)) complain(path, `what looks like a ${path.at(-1)}`)
    } else if (Array.isArray(value)) {
      value.forEach((item, i) => {
        visit(item, [...path, i])
      })
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key])
    }
  }
  visit(file.value, [])
}

/** Which of a connection's credentials are secret its connector knows, and complains itself. */
const isNamedSecret = (path: Path, value: string): boolean =>
  path[0] !== 'credentials' &&
  value !== '' &&
  NAMES.test(String(path.at(-1))) &&
  !REFERENCE.test(value) &&
  !HARMLESS.test(value)
