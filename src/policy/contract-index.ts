import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { dereference } from '@apidevtools/json-schema-ref-parser'
import type { Place } from '../kernel/place.ts'
import { Findings } from './finding.ts'
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

const NAME = /^(?<api>[a-z][a-z0-9-]*)\.(?<version>v\d+)\.yaml$/
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options']

type Definition = { paths?: Record<string, Record<string, RawOperation>> }
type RawOperation = {
  operationId?: string
  security?: Record<string, string[]>[]
  parameters?: { name?: string; in?: string }[]
  requestBody?: { content?: Record<string, { schema?: { properties?: object } }> }
  'x-safe-query'?: boolean
  'x-max-cache-seconds'?: number
  'x-max-stale-if-error-seconds'?: number
}

/** Reads `openapi/<api>.v<major>.yaml` for its operations; whether it is valid OpenAPI is not asked here. */
export async function readContractIndex(directory: string): Promise<ContractIndex> {
  const names = (await readdir(directory)).filter(name => NAME.test(name)).sort()
  return Promise.all(names.map(name => readVersion(directory, name)))
}

async function readVersion(directory: string, name: string): Promise<ContractVersion> {
  const { api = '', version = '' } = NAME.exec(name)?.groups ?? {}
  const label = `${basename(directory)}/${name}`
  const file = parseYamlFile(label, await readFile(join(directory, name), 'utf8'), new Findings())
  if (!file) throw new Error(`${label} is not YAML`)
  const whole = (await dereference(join(directory, name))) as Definition
  const paths = whole.paths ?? {}
  const operations = new Map<string, ContractOperation>()
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const raw = item[method]
      if (!raw?.operationId) continue
      operations.set(raw.operationId, {
        operationId: raw.operationId,
        place: file.placeOf(['paths', path, method, 'operationId']),
        safe: method === 'get' || method === 'head' || raw['x-safe-query'] === true,
        scopes: [...new Set((raw.security ?? []).flatMap(s => s.oauth2 ?? []))],
        maxCacheSeconds: raw['x-max-cache-seconds'],
        maxStaleIfErrorSeconds: raw['x-max-stale-if-error-seconds'],
        queryNames: (raw.parameters ?? []).flatMap(p =>
          p.in === 'query' && p.name ? [p.name] : [],
        ),
        bodyNames: Object.keys(
          raw.requestBody?.content?.['application/json']?.schema?.properties ?? {},
        ),
      })
    }
  }
  return { api, version, file: name, place: file.placeOf([]), operations }
}
