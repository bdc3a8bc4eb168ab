import Type, { type Static } from 'typebox'
import { Instant, Name, Scope, strictObject } from './strict-object.ts'

const Credential = strictObject({
  hash: Type.String({
    pattern: '^sha256:[0-9a-f]{64}$',
    description: 'sha256:<64 hex digits> of the credential, never the credential',
  }),
  /** Written by `postern keys`; for people only. */
  createdAt: Type.Optional(Instant),
  expiresAt: Type.Optional(Instant),
})

/** policies/consumers/<id>.yaml: who calls, and what they may. */
export const ConsumerFile = strictObject({
  id: Name,
  name: Type.String({ minLength: 1, maxLength: 100 }),
  contact: Type.String({ minLength: 3, maxLength: 200 }),
  plan: Name,
  scopes: Type.Array(Scope, { uniqueItems: true }),
  channels: Type.Array(Name, { uniqueItems: true }),
  regions: Type.Array(Name, { uniqueItems: true }),
  credentials: Type.Union(
    [
      Type.Literal('demo'),
      strictObject({
        clientId: Type.Optional(Name),
        clientSecrets: Type.Optional(Type.Array(Credential)),
        apiKeys: Type.Optional(Type.Array(Credential)),
      }),
    ],
    {
      description:
        'demo (made in the data folder; development only), or { clientId, clientSecrets, apiKeys } with hashes',
    },
  ),
})
export type ConsumerFile = Static<typeof ConsumerFile>
