import type { TSchema } from 'typebox'
import type { Place } from '../kernel/place.ts'
import { checkSchema } from './check-schema.ts'
import { compileApi } from './compile/compile-api.ts'
import {
  type ConsumerContext,
  compileConsumer,
  type DemoHashes,
} from './compile/compile-consumers.ts'
import { compileErp } from './compile/compile-erp.ts'
import { compileGateway } from './compile/compile-gateway.ts'
import { compileChannels, compileLocations } from './compile/compile-network.ts'
import { compilePlans } from './compile/compile-plans.ts'
import type { ConnectorDescription } from './connector-description.ts'
import { type ContractIndex, scopesOf } from './contract-index.ts'
import { deepFreeze } from './deep-freeze.ts'
import { type Finding, Findings } from './finding.ts'
import { withoutIgnored } from './ignore.ts'
import type { PolicySet } from './policy-set.ts'
import { type FileKind, type PolicyFiles, readPolicyFiles } from './read-files.ts'
import { calendars } from './rules/calendars.ts'
import { consumers as consumersRule } from './rules/consumers.ts'
import { contractsAndPolicies } from './rules/contracts-and-policies.ts'
import { eachOperation } from './rules/each-operation.ts'
import { erpBudgets } from './rules/erp-budgets.ts'
import { leakedSecrets } from './rules/leaked-secrets.ts'
import { lifecycle } from './rules/lifecycle.ts'
import { patterns } from './rules/patterns.ts'
import { routes as routesRule } from './rules/routes.ts'
import type { Rule } from './rules/rule.ts'
import { tokenIssuers } from './rules/token-issuers.ts'
import { writes } from './rules/writes.ts'
import { ApiFile } from './schema/api-schema.ts'
import { ConsumerFile } from './schema/consumer-schema.ts'
import { GatewayFile } from './schema/gateway-schema.ts'
import { IgnoreFile } from './schema/ignore-schema.ts'
import { ChannelsFile, LocationsFile } from './schema/network-schema.ts'
import { PlansFile } from './schema/plans-schema.ts'
import type { YamlFile } from './yaml-file.ts'

export type LoadDeps = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly contracts: ContractIndex
  readonly connectors: ReadonlyMap<string, ConnectorDescription>
  /** The operationIds that something serves. */
  readonly handlers: ReadonlySet<string>
  readonly production: boolean
  /** The name that Postern's own tokens are issued under: the public address. */
  readonly ownIssuer: string
  /** Epoch ms. */
  readonly now: number
  demoHashes(consumerId: string): DemoHashes | undefined
}

export type LoadResult =
  | { readonly ok: true; readonly set: PolicySet; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const RULES: readonly Rule[] = [
  contractsAndPolicies,
  eachOperation,
  lifecycle,
  consumersRule,
  routesRule,
  writes,
  tokenIssuers,
  patterns,
  calendars,
  erpBudgets,
]

/**
 * Reads, checks and compiles a policy folder: a whole set, or every reason why there is none.
 * Warnings do not stand in the way of a set.
 */
export async function loadPolicies(directory: string, deps: LoadDeps): Promise<LoadResult> {
  const findings = new Findings()
  const source = await readPolicyFiles(directory, findings)
  const incomplete = new Set(source.incomplete)
  for (const files of source.files.values()) for (const file of files) leakedSecrets(file, findings)
  const set = compileSet(source, deps, findings, incomplete)
  await tryOut(source, deps, findings)
  if (set) for (const rule of RULES) rule({ ...deps, set, incomplete }, findings)
  const kept = excused(source, findings, deps.now)
  if (!set || findings.hasErrors) return { ok: false, findings: kept }
  return { ok: true, set: deepFreeze(set), findings: kept }
}

/** Runs what connectors can run of their settings without an ERP. */
async function tryOut(source: PolicyFiles, deps: LoadDeps, findings: Findings): Promise<void> {
  for (const file of source.files.get('erps') ?? []) {
    const { connector, settings } = (file.value ?? {}) as {
      connector?: unknown
      settings?: unknown
    }
    const found = await deps.connectors.get(String(connector))?.tryOut?.(settings)
    for (const { path, message } of found ?? []) {
      const place = file.placeOf(['settings', ...path])
      findings.error(place, 'connector-settings', `${['settings', ...path].join('.')}: ${message}`)
    }
  }
}

/** What is left to say, once the ignore file has had its say. */
function excused(source: PolicyFiles, findings: Findings, now: number): readonly Finding[] {
  const [file] = source.files.get('check-ignore') ?? []
  if (!file) return findings.sorted()
  const sound = checkSchema({ schema: IgnoreFile, value: file.value, file, findings })
  const all = findings.sorted()
  return sound ? withoutIgnored(all, file, file.value as IgnoreFile, now) : all
}

/** The ids of the consumers whose credentials are made in the data folder. */
export async function demoConsumersOf(directory: string): Promise<readonly string[]> {
  const { files } = await readPolicyFiles(directory, new Findings())
  return (files.get('consumers') ?? []).flatMap(({ value }) => {
    const { id, credentials } = (value ?? {}) as { id?: unknown; credentials?: unknown }
    return credentials === 'demo' && typeof id === 'string' ? [id] : []
  })
}

/** @param incomplete gets the kinds of which some file was left out, as it is broken */
function compileSet(
  source: PolicyFiles,
  deps: LoadDeps,
  findings: Findings,
  incomplete: Set<FileKind>,
): PolicySet | undefined {
  const usable = <T>(kind: FileKind, use: (file: YamlFile) => T | undefined): T[] =>
    (source.files.get(kind) ?? []).flatMap(file => {
      const result = use(file)
      if (result === undefined) incomplete.add(kind)
      return result === undefined ? [] : [result]
    })
  const sound = <T>(kind: FileKind, schema: TSchema): { file: YamlFile; settings: T }[] =>
    usable(kind, file =>
      checkSchema({ schema, value: file.value, file, findings })
        ? { file, settings: file.value as T }
        : undefined,
    )
  const [gatewayFile] = sound<GatewayFile>('gateway', GatewayFile)
  const [plansFile] = sound<PlansFile>('plans', PlansFile)
  const [locationsFile] = sound<LocationsFile>('locations', LocationsFile)
  const [channelsFile] = sound<ChannelsFile>('channels', ChannelsFile)
  const consumerFiles = sound<ConsumerFile>('consumers', ConsumerFile)
  const apiFiles = sound<ApiFile>('apis', ApiFile)
  const erps = usable('erps', file => {
    const erp = compileErp(file, { ...deps, findings })
    return erp && { file, ...erp }
  })
  if (!gatewayFile || !plansFile || !locationsFile || !channelsFile) return undefined

  const gateway = compileGateway(gatewayFile.file, gatewayFile.settings, deps, findings)
  const plans = compilePlans(plansFile.file, plansFile.settings, gateway, findings)
  const locations = compileLocations(locationsFile.file, locationsFile.settings, findings)
  const channels = compileChannels(channelsFile.file, channelsFile.settings, locations, findings)
  const context: ConsumerContext = {
    ...deps,
    plans,
    channels: new Set(channels.keys()),
    regions: new Set([...locations.values()].map(({ region }) => region)),
    scopes: scopesOf(deps.contracts),
    findings,
  }
  const consumers = consumerFiles.flatMap(({ file, settings }) => {
    const consumer = compileConsumer(file, settings, context)
    if (!consumer) incomplete.add('consumers')
    return consumer ? [{ file, consumer }] : []
  })
  return {
    revision: source.revision,
    gateway,
    plans,
    consumers: byName(
      consumers.map(({ file, consumer }) => [consumer.id, consumer, file.placeOf(['id'])]),
      findings,
    ),
    apis: byName(
      apiFiles.map(({ file, settings }) => [
        settings.api,
        compileApi(file, settings, findings),
        file.placeOf(['api']),
      ]),
      findings,
    ),
    connections: byName(
      erps.map(({ file, connection }) => [
        connection.name,
        connection,
        file.placeOf(['connection']),
      ]),
      findings,
    ),
    routes: erps.flatMap(({ routes }) => routes),
    locations,
    channels,
  }
}

/** A map by name; a name given twice is a finding at its second place. */
function byName<T extends { readonly at: Place }>(
  entries: readonly (readonly [name: string, value: T, at: Place])[],
  findings: Findings,
): ReadonlyMap<string, T> {
  const named = new Map<string, T>()
  for (const [name, value, at] of entries) {
    const other = named.get(name)
    if (other) {
      findings.error(at, 'duplicate-name', `"${name}" is already taken by ${other.at.file}`)
    } else {
      named.set(name, value)
    }
  }
  return named
}
