import { asChannelId, asLocationId, type ChannelId, type LocationId } from '../../model/brand.ts'
import type { Findings } from '../finding.ts'
import type { ChannelPolicy, LocationPolicy } from '../policy-set.ts'
import type { ChannelsFile, LocationsFile } from '../schema/network-schema.ts'
import type { YamlFile } from '../yaml-file.ts'
import { requireCurrency, requireKnown, requireTimeZone } from './require.ts'

export function compileLocations(
  file: YamlFile,
  { locations }: LocationsFile,
  findings: Findings,
): ReadonlyMap<LocationId, LocationPolicy> {
  return new Map(
    Object.entries(locations).map(([name, settings]) => {
      const path = ['locations', name]
      requireTimeZone(settings.timeZone, file, [...path, 'timeZone'], findings)
      const id = asLocationId(name)
      return [id, { at: file.placeOfKey(path), id, ...settings }]
    }),
  )
}

export function compileChannels(
  file: YamlFile,
  { channels }: ChannelsFile,
  locations: ReadonlyMap<LocationId, LocationPolicy>,
  findings: Findings,
): ReadonlyMap<ChannelId, ChannelPolicy> {
  const known = new Set<string>(locations.keys())
  return new Map(
    Object.entries(channels).map(([name, settings]) => {
      const path = ['channels', name]
      settings.pool.forEach((location, i) => {
        requireKnown('location', location, known, file, [...path, 'pool', i], findings)
      })
      settings.currencies.forEach((currency, i) => {
        requireCurrency(currency, file, [...path, 'currencies', i], findings)
      })
      const id = asChannelId(name)
      const pool = settings.pool.map(asLocationId)
      return [id, { at: file.placeOfKey(path), id, ...settings, pool }]
    }),
  )
}
