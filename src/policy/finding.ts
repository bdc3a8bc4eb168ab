import { fullPlace, type Place } from '../kernel/place.ts'

/** Something that is wrong, or looks wrong, in the policies or the contracts they govern. */
export type Finding = {
  readonly place: Place
  readonly severity: 'error' | 'warning'
  /** Kebab-case id of the rule, `cache-ttl-over-max`. */
  readonly rule: string
  /** What is wrong and what to do about it. Never a secret's value. */
  readonly message: string
}

/** `policies/apis/inventory.yaml:14:9 error cache-ttl-over-max: …` */
export const findingText = ({ place, severity, rule, message }: Finding): string =>
  `${fullPlace(place)} ${severity} ${rule}: ${message}`

/** Long enough for every sentence of ours; names in it come from files and may be of any length. */
const MAX_MESSAGE_CHARACTERS = 500

/** Collects findings; sorted by file, line and column when read. */
export class Findings {
  readonly #all: Finding[] = []

  error(place: Place, rule: string, message: string): void {
    this.#all.push({ place, severity: 'error', rule, message: printable(message) })
  }

  warning(place: Place, rule: string, message: string): void {
    this.#all.push({ place, severity: 'warning', rule, message: printable(message) })
  }

  get hasErrors(): boolean {
    return this.#all.some(({ severity }) => severity === 'error')
  }

  sorted(): readonly Finding[] {
    return this.#all.toSorted(
      (a, b) =>
        (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : 0) ||
        a.place.line - b.place.line ||
        a.place.column - b.place.column,
    )
  }
}

/** One line, without anything that a terminal would obey. */
function printable(message: string): string {
  const line = message.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > MAX_MESSAGE_CHARACTERS ? `${line.slice(0, MAX_MESSAGE_CHARACTERS)}…` : line
}
