import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import type { Handler, Identified } from '../exchange.ts'
import type { Load } from '../load.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

export type ShedSettings = {
  /** Work classes by name, the most important first. */
  readonly classes: readonly string[]
  readonly at: Place
  readonly load: Load
  /** 0 ≤ x < 1. */
  random(): number
}

/** Those who are refused together do not come back together. */
const RETRY_AFTER_SECONDS = { least: 1, most: 5 }

/**
 * Refuses calls while the process is overloaded: of the least important work class first, a growing part of
 * it, then of the next. It comes after `authenticate`, since the class is the caller's, and before all else.
 */
export function shed(
  settings: ShedSettings | undefined,
  next: Handler<Identified>,
): Handler<Identified> {
  if (!settings) return next
  const { classes, at, load, random } = settings
  // The last class goes first.
  const before = new Map(classes.map((name, i) => [name, classes.length - 1 - i]))
  const refused = verdict('shed', 'refuse', 'the gateway is overloaded', at)
  return exchange => {
    const { workClass } = exchange.principal.consumer.plan
    const part = load.pressure - (before.get(workClass) ?? 0)
    if (part > 0 && random() < part) refuse(exchange, refused, overloaded(workClass), 'enforce')
    return next(exchange)
  }

  function overloaded(workClass: string): Problem {
    const { least, most } = RETRY_AFTER_SECONDS
    return new Problem('temporary-reduced-capacity', {
      detail: `Calls of the class "${workClass}" are refused for the moment.`,
      retryAfterSeconds: least + Math.floor(random() * (most - least + 1)),
      extensions: { 'violated-policies': ['load'] },
    })
  }
}
