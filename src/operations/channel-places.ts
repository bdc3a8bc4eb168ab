import { Problem } from '../kernel/problems.ts'
import type { ChannelId, LocationId } from '../model/brand.ts'
import type { Network } from '../model/network.ts'

/**
 * Where a channel's stock may be taken from by a caller, and what is kept back from it at each place.
 *
 * @param named locations that the call names
 * @throws Problem `unknown-channel`, `unknown-location`
 */
export function channelPlaces(
  channel: ChannelId,
  regions: ReadonlySet<string>,
  named: readonly LocationId[],
  { channels, locations }: Network,
): { readonly pool: readonly LocationId[]; readonly bufferMicros: bigint } {
  const known = channels.get(channel)
  if (!known) throw new Problem('unknown-channel', { detail: `There is no channel ${channel}.` })
  const unknown = named.filter(location => !locations.has(location))
  if (unknown.length) throw new Problem('unknown-location', { extensions: { locations: unknown } })
  return {
    pool: known.pool.filter(id => regions.has(locations.get(id)?.region ?? '')),
    bufferMicros: BigInt(Math.round(known.bufferUnits * 1_000_000)),
  }
}
