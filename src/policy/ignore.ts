import { type Finding, Findings } from './finding.ts'
import { parseInstant } from './instant.ts'
import type { IgnoreFile } from './schema/ignore-schema.ts'
import type { YamlFile } from './yaml-file.ts'

/**
 * Takes out the warnings that the ignore file excuses. An error cannot be excused; an excuse that has
 * lapsed, or that nothing needs any more, is a warning itself.
 *
 * @param now epoch ms
 */
export function withoutIgnored(
  findings: readonly Finding[],
  file: YamlFile,
  { ignore }: IgnoreFile,
  now: number,
): readonly Finding[] {
  const own = new Findings()
  const excuses = ignore.map((entry, i) => ({
    ...entry,
    at: file.placeOf(['ignore', i]),
    isLapsed: entry.until !== undefined && (parseInstant(entry.until) ?? 0) <= now,
    used: false,
  }))
  const kept = findings.filter(finding => {
    const excuse = excuses.find(
      ({ rule, file }) =>
        rule === finding.rule && (file === undefined || finding.place.file.endsWith(`/${file}`)),
    )
    if (!excuse) return true
    excuse.used = true
    if (finding.severity === 'error') {
      const message = `"${excuse.rule}" is an error: it cannot be ignored`
      own.warning(excuse.at, 'ignored-error', message)
      return true
    }
    return excuse.isLapsed
  })
  for (const { used, isLapsed, rule, at, until } of excuses) {
    if (isLapsed) own.warning(at, 'ignore-lapsed', `"${rule}" was to be ignored until ${until}`)
    else if (!used) own.warning(at, 'ignore-unused', `nothing is found by "${rule}": remove it`)
  }
  const all = new Findings()
  for (const { severity, place, rule, message } of [...kept, ...own.sorted()]) {
    all[severity](place, rule, message)
  }
  return all.sorted()
}
