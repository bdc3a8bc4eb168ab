import { asChannelId, asLocationId } from '../../model/brand.ts'
import { checkSchema } from '../check-schema.ts'
import type { ConnectorDescription } from '../connector-description.ts'
import type { Findings } from '../finding.ts'
import { type Environment, interpolate, sourceOf } from '../interpolate.ts'
import type { ConnectionPolicy, RoutePolicy } from '../policy-set.ts'
import { ErpFile } from '../schema/erp-schema.ts'
import type { YamlFile } from '../yaml-file.ts'
import { compileWindows } from './compile-windows.ts'
import { requireCurrency, requireKnown, requireTimeZone } from './require.ts'

export type ErpContext = {
  readonly connectors: ReadonlyMap<string, ConnectorDescription>
  readonly env: Environment
  readonly production: boolean
  readonly findings: Findings
}

export type CompiledErp = {
  readonly connection: ConnectionPolicy
  readonly routes: readonly RoutePolicy[]
}

/**
 * Fills in the environment, holds the file to the schema of all connections and to those of its
 * connector, and compiles it.
 *
 * @returns undefined when something is wrong with it
 */
export function compileErp(file: YamlFile, context: ErpContext): CompiledErp | undefined {
  const { connectors, env, findings } = context
  const { value, missing } = interpolate(file.value, env, file, findings)
  const sound = checkSchema({ schema: ErpFile, value, file, findings, except: missing })
  const settings = value as ErpFile
  const connector = connectors.get(settings?.connector)
  if (connector) refuseClearSecrets(file, connector, context)
  if (!sound) return undefined
  if (!connector) {
    const known = new Set(connectors.keys())
    requireKnown('connector', settings.connector, known, file, ['connector'], findings)
    return undefined
  }
  requireHttpAddress(settings.address, file, findings)
  requireTimeZone(settings.timeZone, file, ['timeZone'], findings)
  requireCurrency(settings.baseCurrency, file, ['baseCurrency'], findings)
  const holds = (part: 'settings' | 'credentials') =>
    checkSchema({
      schema: connector[`${part}Schema`],
      value: settings[part],
      file,
      findings,
      at: [part],
      except: within(part, missing),
    })
  // Both are asked, so that all complaints come at once.
  if (![holds('settings'), holds('credentials')].every(Boolean)) return undefined
  askConnector(file, settings, connector, findings)
  return compileSettings(file, settings, findings)
}

function compileSettings(file: YamlFile, settings: ErpFile, findings: Findings): CompiledErp {
  const { connection: name, serves, capabilities, guard, address, maintenance, ...rest } = settings
  return {
    connection: {
      ...rest,
      at: file.placeOf([]),
      name,
      maintenance: compileWindows(file, ['maintenance'], maintenance ?? [], findings),
      address: address.replace(/\/+$/, ''),
      capabilities,
      guard: { ...guard, maxConcurrency: capabilities.maxConcurrency },
    },
    routes: serves.map(({ locations, regions, channels }, i) => ({
      at: file.placeOf(['serves', i]),
      connection: name,
      locations: locations?.map(asLocationId),
      regions,
      channels: channels?.map(asChannelId),
    })),
  }
}

/** What the connector's schema cannot say. */
function askConnector(
  file: YamlFile,
  { settings }: ErpFile,
  connector: ConnectorDescription,
  findings: Findings,
): void {
  for (const { path, message, severity } of connector.validateSettings?.(settings) ?? []) {
    const place = file.placeOf(['settings', ...path])
    const text = `${['settings', ...path].join('.')}: ${message}`
    if (severity === 'warning') findings.warning(place, 'connector-settings', text)
    else findings.error(place, 'connector-settings', text)
  }
}

/** A secret in a file is in every checkout and backup of it; a default is such a secret too. */
function refuseClearSecrets(
  file: YamlFile,
  { secrets }: ConnectorDescription,
  { env, production, findings }: ErpContext,
): void {
  const { credentials } = file.value as Partial<ErpFile>
  for (const name of secrets) {
    const value = credentials?.[name]
    if (typeof value !== 'string') continue
    const source = sourceOf(value, env)
    const place = file.placeOf(['credentials', name])
    if (source === 'file') {
      const message = `credentials.${name} must come from the environment: \${env:NAME}`
      findings.error(place, 'secret-in-clear', message)
    } else if (source === 'default' && production && /:-./.test(value)) {
      const message = `credentials.${name} is a default known to everybody: set it in the environment`
      findings.error(place, 'default-secret', message)
    }
  }
}

const within = (part: string, pointers: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(
    [...pointers].flatMap(pointer =>
      pointer.startsWith(`/${part}/`) ? [pointer.slice(part.length + 1)] : [],
    ),
  )

/**
 * What the schema takes for a URI may still be no address: a port that is a word, say. The address
 * itself is not told: it may have come from the environment, with a password in it.
 */
function requireHttpAddress(address: string, file: YamlFile, findings: Findings): void {
  const url = URL.parse(address)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return
  const message = 'with the environment filled in, this is not an http or https address'
  findings.error(file.placeOf(['address']), 'bad-address', message)
}
