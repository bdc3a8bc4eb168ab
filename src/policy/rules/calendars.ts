import type { Rule } from './rule.ts'

/** Times that are named are used, and what was forced is not left standing. */
export const calendars: Rule = ({ set, incomplete, now }, findings) => {
  const { gateway, plans } = set
  const used = new Set([...plans.values()].map(({ hours }) => hours?.calendar))
  for (const name of gateway.calendars.keys()) {
    if (used.has(name) || incomplete.has('plans')) continue
    findings.warning(gateway.at, 'unused-calendar', `no plan has the hours "${name}"`)
  }
  const { freezeOverride } = gateway
  if (freezeOverride && freezeOverride.until <= now) {
    const message = 'freezeOverride has lapsed: remove it'
    findings.warning(freezeOverride.at, 'freeze-override-lapsed', message)
  }
}
