import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { dereference } from '@apidevtools/json-schema-ref-parser'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import {
  type Document,
  OpenAPIRouter,
  OpenAPIValidator,
  type ValidationContext,
} from 'openapi-backend'

/** One parameter as the contract declares it. */
export type ParameterContract = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly isList: boolean
  readonly redacted: boolean
  readonly defaultValue: unknown
}

/** One operation of one version of one API, with the validators that openapi-backend compiled for it. */
export type OperationContract = {
  readonly api: string
  /** `v2` */
  readonly version: string
  readonly operationId: string
  /** Upper case. */
  readonly method: string
  /** `/inventory/v2/positions/{sku}/{location}` */
  readonly path: string
  readonly safe: boolean
  readonly parameters: readonly ParameterContract[]
  /** Media types that a body may have; empty when the operation takes none. */
  readonly bodyTypes: readonly string[]
  readonly bodyRequired: boolean
  /** Validates `{ path, query, header, requestBody }`, coercing parameters in place. */
  readonly requestValidators: readonly ValidateFunction[]
  /** Validates a body by status; absent where the contract defines no JSON body. */
  responseValidator(status: number): ValidateFunction | undefined
}

/** A contract document, dereferenced. */
export type ContractDocument = {
  readonly file: string
  readonly api: string
  readonly version: string
  readonly definition: Document
  readonly operations: readonly OperationContract[]
}

type Schema = { type?: string | string[]; default?: unknown; 'x-redact'?: boolean }
type RawParameter = {
  name: string
  in: ParameterContract['in']
  schema?: Schema
  'x-redact'?: boolean
}
type RawOperation = {
  operationId?: string
  parameters?: RawParameter[]
  requestBody?: { required?: boolean; content?: Record<string, unknown> }
  'x-safe-query'?: boolean
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const
const DOCUMENT_NAME = /^(?<api>[a-z][a-z0-9-]*)\.(?<version>v\d+)\.yaml$/

/**
 * Loads every `openapi/<api>.v<major>.yaml`.
 *
 * @throws Error naming the file when a document is not valid OpenAPI 3
 */
export async function loadContracts(directory: string): Promise<readonly ContractDocument[]> {
  const files = (await readdir(directory)).filter(file => DOCUMENT_NAME.test(file)).sort()
  return Promise.all(files.map(file => loadDocument(join(directory, file))))
}

async function loadDocument(path: string): Promise<ContractDocument> {
  const { api = '', version = '' } = DOCUMENT_NAME.exec(basename(path))?.groups ?? {}
  const definition = await readDefinition(path)
  const router = new OpenAPIRouter({ definition, apiRoot: '/' })
  const validator = new OpenAPIValidator({
    definition,
    router,
    customizeAjv: ajvFor,
    lazyCompileValidators: true,
  })
  const base = new URL(definition.servers?.[0]?.url ?? '/', 'http://localhost').pathname
  const operations = Object.entries(definition.paths ?? {}).flatMap(([template, item]) =>
    METHODS.flatMap(method => {
      const raw = item?.[method] as RawOperation | undefined
      if (!raw?.operationId) return []
      const shared = (item?.parameters ?? []) as RawParameter[]
      const operationId = raw.operationId
      return [
        toOperation({
          raw: { ...raw, parameters: [...shared, ...(raw.parameters ?? [])] },
          validator,
          operationId,
          api,
          version,
          method: method.toUpperCase(),
          path: base.replace(/\/$/, '') + template,
        }),
      ]
    }),
  )
  return { file: basename(path), api, version, definition, operations }
}

/** Reads a contract with everything it refers to in other files, and holds it to the OpenAPI standard. */
async function readDefinition(path: string): Promise<Document> {
  try {
    // Through text once: openapi-backend takes an object met twice for a cycle, and dereferencing shares them.
    const definition = JSON.parse(JSON.stringify(await dereference(path)))
    const { valid, errors } = await new Validator().validate(structuredClone(definition))
    if (!valid) throw new Error(typeof errors === 'string' ? errors : JSON.stringify(errors))
    return definition
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${path} is not a valid OpenAPI document: ${reason}`)
  }
}

/** OpenAPI 3.1 schemas are JSON Schema 2020-12; openapi-backend's own default is an older draft. */
function ajvFor(_ajv: unknown, options: object, context: ValidationContext): Ajv2020 {
  const ajv = new Ajv2020({
    ...options,
    // A request's complaints are told all at once; of an answer the first one is enough to refuse it.
    allErrors: context !== 'responseValidator',
    strict: false,
  })
  addFormats.default(ajv)
  return ajv
}

function toOperation(source: {
  raw: RawOperation
  validator: OpenAPIValidator
  operationId: string
  api: string
  version: string
  method: string
  path: string
}): OperationContract {
  const { raw, validator, operationId, api, version, method, path } = source
  const byStatus = validator.getStatusBasedResponseValidatorForOperation(operationId) ?? {}
  return {
    api,
    version,
    operationId,
    method,
    path,
    safe: method === 'GET' || method === 'HEAD' || raw['x-safe-query'] === true,
    parameters: (raw.parameters ?? []).map(toParameter),
    bodyTypes: Object.keys(raw.requestBody?.content ?? {}),
    bodyRequired: raw.requestBody?.required === true,
    requestValidators: validator.getRequestValidatorsForOperation(operationId) ?? [],
    responseValidator: status =>
      byStatus[status] ?? byStatus[`${Math.floor(status / 100)}XX`] ?? byStatus.default,
  }
}

function toParameter(raw: RawParameter): ParameterContract {
  return {
    name: raw.in === 'header' ? raw.name.toLowerCase() : raw.name,
    in: raw.in,
    isList: raw.schema?.type === 'array',
    redacted: raw['x-redact'] === true || raw.schema?.['x-redact'] === true,
    defaultValue: raw.schema?.default,
  }
}
