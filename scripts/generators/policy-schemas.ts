import type { TSchema } from 'typebox'
import { CONNECTORS } from '../../src/connectors/connectors.ts'
import { ApiFile } from '../../src/policy/schema/api-schema.ts'
import { ConsumerFile } from '../../src/policy/schema/consumer-schema.ts'
import { ErpFile } from '../../src/policy/schema/erp-schema.ts'
import { GatewayFile } from '../../src/policy/schema/gateway-schema.ts'
import { IgnoreFile } from '../../src/policy/schema/ignore-schema.ts'
import { ChannelsFile, LocationsFile } from '../../src/policy/schema/network-schema.ts'
import { PlansFile } from '../../src/policy/schema/plans-schema.ts'
import { TestsFile } from '../../src/policy/schema/tests-schema.ts'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

const FILES: readonly { name: string; title: string; schema: TSchema }[] = [
  { name: 'gateway', title: 'What holds for the gateway as a whole', schema: GatewayFile },
  {
    name: 'check-ignore',
    title: 'Warnings that may stay, and why',
    schema: IgnoreFile,
  },
  { name: 'plans', title: 'What a consumer may spend', schema: PlansFile },
  { name: 'consumer', title: 'Who calls, and what they may', schema: ConsumerFile },
  { name: 'api', title: "How an API's versions and operations are governed", schema: ApiFile },
  {
    name: 'erp',
    title: 'One ERP: how it is spoken to, protected, and what it serves',
    schema: ErpFile,
  },
  { name: 'locations', title: 'The places that hold or sell stock', schema: LocationsFile },
  { name: 'channels', title: 'The ways to sell', schema: ChannelsFile },
  { name: 'tests', title: 'Calls, and the decisions that they must get', schema: TestsFile },
]

/** `policies/schema/*.schema.json`: with them an editor completes and checks the policies as they are written. */
export async function policySchemas(): Promise<readonly Generated[]> {
  return FILES.map(({ name, title, schema }) => {
    const document = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment: DO_NOT_EDIT,
      title,
      ...defaultsOptional(name === 'erp' ? erpSchema(schema) : schema),
    }
    return {
      path: `policies/schema/${name}.schema.json`,
      text: `${JSON.stringify(document, null, 2)}\n`,
    }
  })
}

/** A connection's settings and credentials are those of its connector. */
function erpSchema(schema: TSchema): TSchema {
  const byConnector = [...CONNECTORS].map(([name, { settingsSchema, credentialsSchema }]) => ({
    if: { properties: { connector: { const: name } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { settings: settingsSchema, credentials: credentialsSchema } },
  }))
  return withReferences({ ...schema, allOf: byConnector })
}

const REFERENCE = { type: 'string', pattern: '\\$\\{env:[A-Z][A-Z0-9_]*(:-[^}]*)?\\}' }

/** Where an editor sees `${env:NAME}`, the check sees what the environment says: both are right. */
const withReferences = <T>(schema: T): T =>
  rewrite(schema, ({ type, pattern, format, description, ...rest }) =>
    type === 'string' && (pattern ?? format) !== undefined
      ? { description, anyOf: [{ type, pattern, format, ...rest }, REFERENCE] }
      : undefined,
  )

/** The check fills defaults in before it asks for what is required; an editor does not. */
const defaultsOptional = <T>(schema: T): T =>
  rewrite(schema, ({ required, properties, ...rest }) => {
    if (!Array.isArray(required) || typeof properties !== 'object') return undefined
    const members = properties as Record<string, object>
    const isAsked = (name: string) => !('default' in (members[name] ?? {}))
    return { ...rest, required: required.filter(isAsked), properties: defaultsOptional(properties) }
  })

/** Replaces, from the outside in, each object of a schema for which there is a replacement. */
function rewrite<T>(
  schema: T,
  replacement: (schema: Record<string, unknown>) => object | undefined,
): T {
  if (Array.isArray(schema)) return schema.map(item => rewrite(item, replacement)) as T
  if (schema === null || typeof schema !== 'object') return schema
  const replaced = replacement(schema as Record<string, unknown>)
  if (replaced) return replaced as T
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]) => [key, rewrite(member, replacement)]),
  ) as T
}
