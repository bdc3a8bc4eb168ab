import type { Rule } from './rule.ts'

/** A version that goes says when, and what comes after it. */
export const lifecycle: Rule = ({ set, now }, findings) => {
  for (const { id, versions } of set.apis.values()) {
    for (const { version, lifecycle } of versions.values()) {
      const { at, state, deprecatedAt, sunsetAt, successor } = lifecycle
      const name = `${id} ${version}`
      if (successor !== undefined && !versions.has(successor)) {
        findings.error(
          at,
          'unknown-successor',
          `${name}: there is no version "${successor}" to move to`,
        )
      }
      if (state === 'deprecated') {
        if (deprecatedAt === undefined)
          findings.error(
            at,
            'deprecated-without-date',
            `${name} is deprecated: say since when (deprecatedAt)`,
          )
        if (sunsetAt === undefined)
          findings.error(
            at,
            'deprecated-without-sunset',
            `${name} is deprecated: say until when it lives (sunsetAt)`,
          )
        if (successor === undefined)
          findings.error(
            at,
            'deprecated-without-successor',
            `${name} is deprecated: name its successor`,
          )
      }
      if (deprecatedAt !== undefined && sunsetAt !== undefined && sunsetAt < deprecatedAt) {
        findings.error(
          at,
          'sunset-before-deprecation',
          `${name} would end before it is deprecated (RFC 9745 section 4)`,
        )
      }
      if (state !== 'retired' && sunsetAt !== undefined && sunsetAt <= now) {
        findings.warning(
          at,
          'expired-sunset',
          `${name}'s sunset has passed: its calls are refused; set state: retired`,
        )
      }
      if (state === 'active' && (deprecatedAt !== undefined || sunsetAt !== undefined)) {
        findings.error(
          at,
          'active-with-end',
          `${name} is active, but has an end: set state: deprecated`,
        )
      }
    }
  }
}
