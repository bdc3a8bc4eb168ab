import { asChannelId, asLocationId } from '../../model/brand.ts'
import { checkSchema } from '../check-schema.ts'
import type { ConnectorDescription } from '../connector-description.ts'
import type { Findings } from '../finding.ts'
import { interpolate, isFromEnvironment } from '../interpolate.ts'
import type { ConnectionPolicy, RoutePolicy } from '../policy-set.ts'
import type { ErpFile } from '../schema/erp-schema.ts'
import { didYouMean } from '../suggest.ts'
import type { YamlFile } from '../yaml-file.ts'
import { isTimeZone, unknownZone } from './compile-network.ts'

export type ErpContext = {
  readonly connectors: ReadonlyMap<string, ConnectorDescription>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly findings: Findings
}

/** @param raw the file before its `${env:…}` were filled in: tells a secret in clear */
export function compileErp(
  file: YamlFile,
  raw: ErpFile,
  { connectors, env, findings }: ErpContext,
): { connection: ConnectionPolicy; routes: readonly RoutePolicy[] } | undefined {
  const connector = connectors.get(raw.connector)
  if (!connector) {
    findings.error(
      file.placeOf(['connector']),
      'unknown-connector',
      `there is no connector "${raw.connector}"${didYouMean(raw.connector, connectors.keys())}`,
    )
    return undefined
  }
  refuseClearSecrets(file, raw, connector, findings)
  const settings = interpolate(raw, env, file, findings) as ErpFile
  if (!isTimeZone(settings.timeZone)) {
    findings.error(file.placeOf(['timeZone']), 'unknown-time-zone', unknownZone(settings.timeZone))
  }
  const sound =
    checkSchema(connector.settingsSchema, settings.settings, file, findings, ['settings']) &&
    checkSchema(connector.credentialsSchema, settings.credentials, file, findings, ['credentials'])
  if (!sound) return undefined
  for (const { path, message, severity } of connector.validateSettings?.(settings.settings) ?? []) {
    const place = file.placeOf(['settings', ...path])
    const text = `settings.${path.join('.')}: ${message}`
    if (severity === 'warning') findings.warning(place, 'connector-settings', text)
    else findings.error(place, 'connector-settings', text)
  }
  const { connection: name, capabilities, guard } = settings
  return {
    connection: Object.freeze({
      at: file.placeOf([]),
      name,
      connector: settings.connector,
      address: settings.address.replace(/\/$/, ''),
      timeZone: settings.timeZone,
      baseCurrency: settings.baseCurrency,
      capabilities: Object.freeze(capabilities),
      guard: Object.freeze({ ...guard, maxConcurrency: capabilities.maxConcurrency }),
      settings: Object.freeze(settings.settings),
      credentials: Object.freeze(settings.credentials),
    }),
    routes: settings.serves.map(({ locations, regions, channels }, i) =>
      Object.freeze({
        at: file.placeOf(['serves', i]),
        connection: name,
        locations: locations?.map(asLocationId),
        regions,
        channels: channels?.map(asChannelId),
      }),
    ),
  }
}

function refuseClearSecrets(
  file: YamlFile,
  { credentials }: ErpFile,
  { secrets }: ConnectorDescription,
  findings: Findings,
): void {
  for (const name of secrets) {
    const value = credentials[name]
    if (typeof value !== 'string' || isFromEnvironment(value)) continue
    findings.error(
      file.placeOf(['credentials', name]),
      'secret-in-clear',
      `credentials.${name} must come from the environment: \${env:NAME}`,
    )
  }
}
