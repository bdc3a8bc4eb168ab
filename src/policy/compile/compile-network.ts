import { asChannelId, asLocationId, type ChannelId, type LocationId } from '../../model/brand.ts'
import type { Channel, Location } from '../../model/network.ts'
import type { Findings } from '../finding.ts'
import type { ChannelsFile, LocationsFile } from '../schema/network-schema.ts'
import { didYouMean } from '../suggest.ts'
import type { YamlFile } from '../yaml-file.ts'

export function compileLocations(
  file: YamlFile,
  { locations }: LocationsFile,
  findings: Findings,
): ReadonlyMap<LocationId, Location> {
  return new Map(
    Object.entries(locations).map(([name, settings]) => {
      const id = asLocationId(name)
      if (!isTimeZone(settings.timeZone)) {
        const place = file.placeOf(['locations', name, 'timeZone'])
        findings.error(place, 'unknown-time-zone', unknownZone(settings.timeZone))
      }
      return [id, Object.freeze({ id, ...settings })]
    }),
  )
}

export function compileChannels(
  file: YamlFile,
  { channels }: ChannelsFile,
  locations: ReadonlyMap<LocationId, Location>,
  findings: Findings,
): ReadonlyMap<ChannelId, Channel> {
  return new Map(
    Object.entries(channels).map(([name, settings]) => {
      const id = asChannelId(name)
      settings.pool.forEach((location, i) => {
        if (locations.has(asLocationId(location))) return
        findings.error(
          file.placeOf(['channels', name, 'pool', i]),
          'unknown-location',
          `there is no location "${location}"${didYouMean(location, locations.keys())}`,
        )
      })
      return [id, Object.freeze({ id, ...settings, pool: settings.pool.map(asLocationId) })]
    }),
  )
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const unknownZone = (name: string): string =>
  `"${name}" is not a time zone${didYouMean(name, Intl.supportedValuesOf('timeZone'))}`
