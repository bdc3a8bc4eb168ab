import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import { asLocationId } from '../../model/brand.ts'
import type { Network } from '../../model/network.ts'
import type { ConsumerPolicy, Mode } from '../../policy/policy-set.ts'
import type { Admitted, Handler } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

/** The part of the network that tells regions apart. */
type Locations = Pick<Network, 'locations'>

/**
 * Holds a call to the channels and regions of its consumer. It looks at `channel` (or `channelId`),
 * `location` and `locations` in path, query and body, and in the entries of the body's lists; a call that names none is narrowed by the operation itself. It
 * stands after validation, because only then is it known what the call names.
 */
export function withinReach(
  settings: { network: Locations; at: Place; mode: Mode },
  next: Handler<Admitted>,
): Handler<Admitted> {
  const { network, at, mode } = settings
  const wrongChannel = verdict('authorize', 'refuse', 'the channel is not open to the consumer', at)
  const wrongRegion = verdict('authorize', 'refuse', 'a region is not open to the consumer', at)
  return exchange => {
    const { consumer } = exchange.principal
    const body = asNamed(exchange.body)
    for (const named of [exchange.params, exchange.query, body, ...entriesOf(body)]) {
      const channel = channelBeyond(consumer, named.channel ?? named.channelId)
      if (channel !== undefined) {
        const problem = new Problem('channel-not-allowed', {
          detail: `The channel "${channel}" is not open to this consumer.`,
        })
        refuse(exchange, wrongChannel, problem, mode)
      }
      const asked = [...listOf(named.location), ...listOf(named.locations)]
      const locations = locationsBeyond(consumer, asked, network)
      if (locations.length) {
        const problem = new Problem('region-not-allowed', {
          detail: `Not in a region of this consumer: ${locations.join(', ')}.`,
          extensions: { locations },
        })
        refuse(exchange, wrongRegion, problem, mode)
      }
    }
    return next(exchange)
  }
}

type Named = {
  readonly channel?: unknown
  readonly channelId?: unknown
  readonly location?: unknown
  readonly locations?: unknown
}

const NOTHING: Named = {}

const asNamed = (body: unknown): Named =>
  typeof body === 'object' && body !== null ? (body as Named) : NOTHING

/** A cart's lines, a batch's movements: each may name a place of its own. */
function entriesOf(body: Named): readonly Named[] {
  const lists = Object.values(body).filter(value => Array.isArray(value))
  return lists.flat().filter(entry => typeof entry === 'object' && entry !== null)
}

/** @returns the channel, when the consumer may not act for it */
const channelBeyond = (
  { channels }: Pick<ConsumerPolicy, 'channels'>,
  channel: unknown,
): string | undefined =>
  typeof channel === 'string' && !channels.has(channel) ? channel : undefined

/**
 * @returns those of the locations that lie outside the consumer's regions; one that nobody knows is the
 *   operation's to refuse
 */
function locationsBeyond(
  { regions }: Pick<ConsumerPolicy, 'regions'>,
  locations: readonly string[],
  network: Locations,
): readonly string[] {
  return locations.filter(id => {
    const region = network.locations.get(asLocationId(id))?.region
    return region !== undefined && !regions.has(region)
  })
}

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
