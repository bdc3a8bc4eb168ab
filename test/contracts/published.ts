import { loadContracts } from '../../src/gateway/contract.ts'

/** The parts of an OpenAPI document that these tests look at, with every reference resolved. */
export type Schema = {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
}
export type Parameter = {
  readonly name: string
  readonly in: string
  readonly description?: string
  readonly schema: Schema
  readonly example?: unknown
}
export type Media = {
  readonly schema: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}
export type Header = { readonly schema: Schema; readonly example?: unknown }
export type Answer = {
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, Media>>
}
export type PublishedOperation = {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly deprecated?: boolean
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Answer>>
  readonly 'x-safe-query'?: boolean
  readonly 'x-max-cache-seconds'?: number
}
type PublishedDocument = {
  readonly components: {
    readonly securitySchemes: {
      readonly oauth2: {
        readonly flows: { readonly clientCredentials: { readonly scopes: Record<string, string> } }
      }
    }
  }
  readonly paths: Readonly<Record<string, Readonly<Record<string, PublishedOperation>>>>
}

export const contracts = await loadContracts('openapi')

/** Every operation as published, beside what the gateway made of it. */
export const published = contracts.flatMap(({ file, definition, operations }) => {
  const document = definition as unknown as PublishedDocument
  const raw = Object.values(document.paths).flatMap(item => Object.values(item))
  return operations.map(contract => {
    const operation = raw.find(({ operationId }) => operationId === contract.operationId)
    if (!operation) throw new Error(`${file} has no ${contract.operationId}`)
    const { scopes } = document.components.securitySchemes.oauth2.flows.clientCredentials
    return { name: `${file} ${contract.operationId}`, operation, contract, scopes }
  })
})

/** A schema and everything inside it, with the way to it. */
export function* schemasIn(schema: Schema, path = ''): Generator<[path: string, schema: Schema]> {
  yield [path, schema]
  if (schema.items) yield* schemasIn(schema.items, `${path}[]`)
  for (const part of schema.allOf ?? []) yield* schemasIn(part, path)
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    yield* schemasIn(part, `${path}.${name}`)
  }
}
