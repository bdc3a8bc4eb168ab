import type { TSchema } from 'typebox'
import { ApiFile } from '../../src/policy/schema/api-schema.ts'
import { ConsumerFile } from '../../src/policy/schema/consumer-schema.ts'
import { ErpFile } from '../../src/policy/schema/erp-schema.ts'
import { GatewayFile } from '../../src/policy/schema/gateway-schema.ts'
import { ChannelsFile, LocationsFile } from '../../src/policy/schema/network-schema.ts'
import { PlansFile } from '../../src/policy/schema/plans-schema.ts'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

const FILES: readonly { name: string; title: string; schema: TSchema }[] = [
  { name: 'gateway', title: 'What holds for the gateway as a whole', schema: GatewayFile },
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
]

/** `policies/schema/*.schema.json`: with them an editor completes and checks the policies as they are written. */
export async function policySchemas(): Promise<readonly Generated[]> {
  return FILES.map(({ name, title, schema }) => {
    const editorSchema = name === 'erp' ? withReferences(schema) : schema
    const document = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment: DO_NOT_EDIT,
      title,
      ...(editorSchema as object),
    }
    return {
      path: `policies/schema/${name}.schema.json`,
      text: `${JSON.stringify(document, null, 2)}\n`,
    }
  })
}

const REFERENCE = { type: 'string', pattern: '\\$\\{env:[A-Z][A-Z0-9_]*(:-[^}]*)?\\}' }

/** Where an editor sees `${env:NAME}`, the check sees what the environment says: both are right. */
function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferences)
  if (schema === null || typeof schema !== 'object') return schema
  const { type, pattern, format, description } = schema as Record<string, unknown>
  if (type === 'string' && (pattern ?? format) !== undefined) {
    return { description, anyOf: [{ ...schema, description: undefined }, REFERENCE] }
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]) => [key, withReferences(member)]),
  )
}
