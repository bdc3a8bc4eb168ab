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
  /** In small letters. */
  readonly method: string
  readonly path: string
  /** As the contract has it, references resolved, the path's own parameters among the operation's. */
  readonly definition: OperationDefinition
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
export type ParameterDefinition = {
  readonly name?: string
  readonly in?: string
  readonly required?: boolean
  readonly deprecated?: boolean
  readonly style?: string
  readonly explode?: boolean
  readonly schema?: unknown
  readonly 'x-redact'?: boolean
}
type Parameters = readonly ParameterDefinition[]
export type ContentDefinition = Readonly<Record<string, { readonly schema?: unknown }>>
export type HeaderDefinition = { readonly required?: boolean; readonly schema?: unknown }
export type ResponseDefinition = {
  readonly headers?: Readonly<Record<string, HeaderDefinition>>
  readonly content?: ContentDefinition
}
export type OperationDefinition = {
  readonly operationId?: string
  readonly deprecated?: boolean
  readonly security?: Security
  readonly parameters?: Parameters
  readonly requestBody?: { readonly required?: boolean; readonly content?: ContentDefinition }
  readonly responses?: Readonly<Record<string, ResponseDefinition>>
  readonly 'x-safe-query'?: boolean
  readonly 'x-max-cache-seconds'?: number
  readonly 'x-max-stale-if-error-seconds'?: number
}
type Definition = {
  paths?: Record<string, { parameters?: Parameters } & Record<string, unknown>>
  security?: Security
  components?: { securitySchemes?: Record<string, SecurityScheme> }
}
type SecurityScheme = { type?: string; flows?: Record<string, { scopes?: Record<string, string> }> }

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
      const raw = item[method] as OperationDefinition
      const parameters = [...(item.parameters ?? []), ...(raw.parameters ?? [])]
      // Without an id it cannot be governed: the check then says so of `get /path`.
      const operationId = raw.operationId ?? `${method} ${path}`
      const place = file.placeOf(['paths', path, method, 'operationId'])
      const definition = { security: whole.security ?? [], ...raw, parameters }
      return describe({ operationId, method, path, definition, place })
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
  operation: Pick<ContractOperation, 'operationId' | 'method' | 'path' | 'definition' | 'place'>,
): ContractOperation => {
  const { definition, method } = operation
  const { parameters = [], security = [], requestBody } = definition
  const schema = requestBody?.content?.['application/json']?.schema as { properties?: object }
  return {
    ...operation,
    safe: SAFE_METHODS.includes(method) || definition['x-safe-query'] === true,
    scopes: [...new Set(security.flatMap(({ oauth2 = [] }) => oauth2))],
    maxCacheSeconds: definition['x-max-cache-seconds'],
    maxStaleIfErrorSeconds: definition['x-max-stale-if-error-seconds'],
    queryNames: parameters.flatMap(parameter =>
      parameter.in === 'query' && parameter.name ? [parameter.name] : [],
    ),
    bodyNames: Object.keys(schema?.properties ?? {}),
  }
}

const explainedScopes = ({ components }: Definition): string[] =>
  Object.values(components?.securitySchemes ?? {}).flatMap(({ flows = {} }) =>
    Object.values(flows).flatMap(({ scopes = {} }) => Object.keys(scopes)),
  )
