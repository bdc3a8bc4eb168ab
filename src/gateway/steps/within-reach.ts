import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import { asLocationId } from '../../model/brand.ts'
import type { Network } from '../../model/network.ts'
import type { Mode } from '../../policy/policy-set.ts'
import type { Admitted, Handler } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

/**
 * Holds a call to the channels and regions of its consumer. It looks at `channel` and `location` (or
 * `locations`) in the query or the body; a call that names none is narrowed by the operation itself.
 */
export function withinReach(
  settings: { network: Pick<Network, 'locations'>; at: Place; mode: Mode },
  next: Handler<Admitted>,
): Handler<Admitted> {
  const { network, at, mode } = settings
  const wrongChannel = verdict('authorize', 'refuse', 'the channel is not open to the consumer', at)
  const wrongRegion = verdict('authorize', 'refuse', 'a region is not open to the consumer', at)
  return exchange => {
    const { channels, regions } = exchange.principal.consumer
    const named = { ...(exchange.body as object | undefined), ...exchange.query } as Named
    if (typeof named.channel === 'string' && !channels.has(named.channel)) {
      const problem = new Problem('channel-not-allowed', {
        detail: `The channel "${named.channel}" is not open to this consumer.`,
      })
      refuse(exchange, wrongChannel, problem, mode)
    }
    const beyond = listOf(named.location ?? named.locations).filter(id => {
      const region = network.locations.get(asLocationId(id))?.region
      // A location that nobody knows is the operation's to refuse.
      return region !== undefined && !regions.has(region)
    })
    if (beyond.length) {
      const problem = new Problem('region-not-allowed', {
        detail: `${beyond.join(', ')} ${beyond.length === 1 ? 'is' : 'are'} not in a region of this consumer.`,
      })
      refuse(exchange, wrongRegion, problem, mode)
    }
    return next(exchange)
  }
}

type Named = { channel?: unknown; location?: unknown; locations?: unknown }

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
