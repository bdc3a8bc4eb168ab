import type { TSchema } from 'typebox'
import type { Channel, Location } from '../model/network.ts'
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
import type { ContractIndex } from './contract-index.ts'
import { type Finding, Findings } from './finding.ts'
import type {
  ApiPolicy,
  ConnectionPolicy,
  ConsumerPolicy,
  PlanPolicy,
  PolicySet,
  RoutePolicy,
} from './policy-set.ts'
import { type FileKind, type PolicyFiles, readPolicyFiles } from './read-files.ts'
import { consumers as consumersRule } from './rules/consumers.ts'
import { contractsAndPolicies } from './rules/contracts-and-policies.ts'
import { eachOperation } from './rules/each-operation.ts'
import { lifecycle } from './rules/lifecycle.ts'
import { routes as routesRule } from './rules/routes.ts'
import type { Rule } from './rules/rule.ts'
import { tokenIssuers } from './rules/token-issuers.ts'
import { ApiFile } from './schema/api-schema.ts'
import { ConsumerFile } from './schema/consumer-schema.ts'
import { ErpFile } from './schema/erp-schema.ts'
import { GatewayFile } from './schema/gateway-schema.ts'
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
  tokenIssuers,
]

/**
 * Reads, checks and compiles a policy folder: a whole set, or every reason why there is none.
 * Warnings do not stand in the way of a set.
 */
export async function loadPolicies(directory: string, deps: LoadDeps): Promise<LoadResult> {
  const findings = new Findings()
  const source = await readPolicyFiles(directory, findings)
  const set = compileSet(source, deps, findings)
  if (set) for (const rule of RULES) rule({ ...deps, set }, findings)
  if (!set || findings.hasErrors) return { ok: false, findings: findings.sorted() }
  return { ok: true, set: Object.freeze(set), findings: findings.sorted() }
}

/** The ids of the consumers whose credentials are made in the data folder. */
export async function demoConsumersOf(directory: string): Promise<readonly string[]> {
  const { files } = await readPolicyFiles(directory, new Findings())
  return (files.get('consumers') ?? []).flatMap(({ value }) => {
    const { id, credentials } = (value ?? {}) as { id?: unknown; credentials?: unknown }
    return credentials === 'demo' && typeof id === 'string' ? [id] : []
  })
}

function compileSet(
  source: PolicyFiles,
  deps: LoadDeps,
  findings: Findings,
): PolicySet | undefined {
  const sound = <T>(kind: FileKind, schema: TSchema): { file: YamlFile; settings: T }[] =>
    (source.files.get(kind) ?? []).flatMap(file =>
      checkSchema(schema, file.value, file, findings) ? [{ file, settings: file.value as T }] : [],
    )
  const [gatewayFile] = sound<GatewayFile>('gateway', GatewayFile)
  const [plansFile] = sound<PlansFile>('plans', PlansFile)
  const [locationsFile] = sound<LocationsFile>('locations', LocationsFile)
  const [channelsFile] = sound<ChannelsFile>('channels', ChannelsFile)
  const consumerFiles = sound<ConsumerFile>('consumers', ConsumerFile)
  const apiFiles = sound<ApiFile>('apis', ApiFile)
  const erpFiles = sound<ErpFile>('erps', ErpFile)
  if (!gatewayFile || !plansFile || !locationsFile || !channelsFile) return undefined

  const workClasses = gatewayFile.settings.workClasses
  const plans = compilePlans(plansFile.file, plansFile.settings, workClasses, findings)
  const locations = compileLocations(locationsFile.file, locationsFile.settings, findings)
  const channels = compileChannels(channelsFile.file, channelsFile.settings, locations, findings)
  const consumers = compileConsumers(consumerFiles, plans, channels, locations, deps, findings)
  const apis = new Map<string, ApiPolicy>()
  for (const { file, settings } of apiFiles) {
    requireUnique(apis, settings.api, file, 'api', findings)
    apis.set(settings.api, compileApi(file, settings))
  }
  const connections = new Map<string, ConnectionPolicy>()
  const routes: RoutePolicy[] = []
  for (const { file, settings } of erpFiles) {
    requireUnique(connections, settings.connection, file, 'connection', findings)
    const erp = compileErp(file, settings, { ...deps, findings })
    if (!erp) continue
    connections.set(settings.connection, erp.connection)
    routes.push(...erp.routes)
  }
  return {
    revision: source.revision,
    gateway: compileGateway(gatewayFile.file, gatewayFile.settings, deps),
    plans,
    consumers,
    apis,
    connections,
    routes,
    locations,
    channels,
  }
}

function compileConsumers(
  files: readonly { file: YamlFile; settings: ConsumerFile }[],
  plans: ReadonlyMap<string, PlanPolicy>,
  channels: ReadonlyMap<string, Channel>,
  locations: ReadonlyMap<string, Location>,
  { production, demoHashes }: LoadDeps,
  findings: Findings,
): ReadonlyMap<string, ConsumerPolicy> {
  const context: ConsumerContext = { plans, channels, locations, production, demoHashes, findings }
  const consumers = new Map<string, ConsumerPolicy>()
  for (const { file, settings } of files) {
    requireUnique(consumers, settings.id, file, 'id', findings)
    const consumer = compileConsumer(file, settings, context)
    if (consumer) consumers.set(consumer.id, consumer)
  }
  return consumers
}

function requireUnique(
  taken: ReadonlyMap<string, { at: { file: string } }>,
  name: string,
  file: YamlFile,
  key: string,
  findings: Findings,
): void {
  const other = taken.get(name)
  if (!other) return
  findings.error(
    file.placeOf([key]),
    'duplicate-name',
    `"${name}" is already taken by ${other.at.file}`,
  )
}
