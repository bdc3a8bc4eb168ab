import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { dereference } from '@apidevtools/json-schema-ref-parser'
import type { Place } from '../kernel/place.ts'
import { Findings, findingText } from './finding.ts'
import { parseYamlFile } from './yaml-file.ts'

/** What the policies must agree with: every operation of every contract, with its place. */
export type ContractIndex = readonly ContractVersion[]

export type ContractVersion = {
  readonly api: string
  /** `v2` */
  readonly version: string
  /** `inventory.v2.yaml` */
  readonly file: string
  readonly place: Place
  /** Every scope that its OAuth 2 scheme explains. */
  readonly scopes: readonly string[]
  readonly operations: ReadonlyMap<string, ContractOperation>
}

export type ContractOperation = {
  readonly operationId: string
  readonly place: Place
  readonly safe: boolean
  /** The scopes of its OAuth 2 alternative. */
  readonly scopes: readonly string[]
  /** The contract's own bound on fresh plus stale-while-revalidate. */
  readonly maxCacheSeconds: number | undefined
  readonly maxStaleIfErrorSeconds: number | undefined
  /** Names of query parameters, and of the members of a JSON body. */
  readonly queryNames: readonly string[]
  readonly bodyNames: readonly string[]
}

/** Every scope that some contract explains or asks for. */
export const scopesOf = (contracts: ContractIndex): ReadonlySet<string> =>
  new Set(
    contracts.flatMap(({ scopes, operations }) => [
      ...scopes,
      ...[...operations.values()].flatMap(operation => operation.scopes),
    ]),
  )

const NAME = /^(?<api>[a-z][a-z0-9-]*)\.(?<version>v\d+)\.yaml$/
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace']
const SAFE_METHODS = ['get', 'head', 'options', 'trace']

type Security = readonly Readonly<Record<string, readonly string[]>>[]
type Parameters = readonly { name?: string; in?: string }[]
type Definition = {
  paths?: Record<string, { parameters?: Parameters } & Record<string, unknown>>
  security?: Security
  components?: { securitySchemes?: Record<string, SecurityScheme> }
}
type SecurityScheme = { type?: string; flows?: Record<string, { scopes?: Record<string, string> }> }
type RawOperation = {
  operationId?: string
  security?: Security
  parameters?: Parameters
  requestBody?: { content?: Record<string, { schema?: { properties?: object } }> }
  'x-safe-query'?: boolean
  'x-max-cache-seconds'?: number
  'x-max-stale-if-error-seconds'?: number
}

/**
 * Reads `openapi/<api>.v<major>.yaml` for its operations; whether it is valid OpenAPI is not asked here.
 *
 * @throws Error naming file, line and column of what is no YAML
 */
export async function readContractIndex(directory: string): Promise<ContractIndex> {
  const names = (await readdir(directory)).filter(name => NAME.test(name)).sort()
  return Promise.all(names.map(name => readVersion(directory, name)))
}

async function readVersion(directory: string, name: string): Promise<ContractVersion> {
  const { api = '', version = '' } = NAME.exec(name)?.groups ?? {}
  const path = join(directory, name)
  const findings = new Findings()
  const file = parseYamlFile(`${basename(directory)}/${name}`, await readFile(path), findings)
  if (!file) throw new Error(findings.sorted().map(findingText).join('\n'))
  const whole = (await dereference(path)) as Definition
  const operations = Object.entries(whole.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter(method => item[method]).map(method => {
      const raw = item[method] as RawOperation
      const parameters = [...(item.parameters ?? []), ...(raw.parameters ?? [])]
      // Without an id it cannot be governed: the check then says so of `get /path`.
      const operationId = raw.operationId ?? `${method} ${path}`
      const place = file.placeOf(['paths', path, method, 'operationId'])
      return describe(operationId, place, method, { ...raw, parameters }, whole.security)
    }),
  )
  return {
    api,
    version,
    file: name,
    place: file.placeOf([]),
    scopes: explainedScopes(whole),
    operations: new Map(operations.map(operation => [operation.operationId, operation])),
  }
}

const describe = (
  operationId: string,
  place: Place,
  method: string,
  raw: RawOperation,
  security: Security = [],
): ContractOperation => ({
  operationId,
  place,
  safe: SAFE_METHODS.includes(method) || raw['x-safe-query'] === true,
  scopes: [...new Set((raw.security ?? security).flatMap(({ oauth2 = [] }) => oauth2))],
  maxCacheSeconds: raw['x-max-cache-seconds'],
  maxStaleIfErrorSeconds: raw['x-max-stale-if-error-seconds'],
  queryNames: (raw.parameters ?? []).flatMap(parameter =>
    parameter.in === 'query' && parameter.name ? [parameter.name] : [],
  ),
  bodyNames: Object.keys(raw.requestBody?.content?.['application/json']?.schema?.properties ?? {}),
})

const explainedScopes = ({ components }: Definition): string[] =>
  Object.values(components?.securitySchemes ?? {}).flatMap(({ flows = {} }) =>
    Object.values(flows).flatMap(({ scopes = {} }) => Object.keys(scopes)),
  )
