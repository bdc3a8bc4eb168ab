import Type, { type Static } from 'typebox'
import {
  Instant,
  ModeSettings,
  Name,
  orNone,
  Scope,
  strictObject,
  strictRecord,
} from './strict-object.ts'
import { WindowList } from './windows-schema.ts'

const Cache = orNone(
  strictObject({
    ttlSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }),
    staleWhileRevalidateSeconds: Type.Number({ minimum: 0, maximum: 86_400 }),
    staleIfErrorSeconds: Type.Number({ minimum: 0, maximum: 604_800 }),
    // What was filled together must not expire together: a tenth when absent.
    jitter: Type.Optional(Type.Number({ minimum: 0, maximum: 0.5 })),
    clientMaxAgeSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
    vary: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      uniqueItems: true,
      description:
        "the caller's traits that the answer depends on: regions, scope:inventory:quantity",
    }),
  }),
  '{ ttlSeconds, staleWhileRevalidateSeconds, staleIfErrorSeconds, clientMaxAgeSeconds, vary }',
)

const Operation = strictObject({
  mode: ModeSettings,
  scopes: Type.Array(Scope, {
    uniqueItems: true,
    description: 'all of them are needed; [] only for an open operation',
  }),
  cost: strictObject(
    {
      base: Type.Integer({ minimum: 1, maximum: 1000 }),
      perItems: Type.Optional(
        strictObject({
          in: Type.Enum(['query', 'body']),
          name: Type.String({ minLength: 1, maxLength: 64 }),
          count: Type.Integer({ minimum: 1, maximum: 1000 }),
        }),
      ),
    },
    { description: 'units of the plan that a call costs' },
  ),
  timeoutMs: Type.Integer({
    minimum: 50,
    maximum: 60_000,
    description: 'how long a caller waits at most, ERP included',
  }),
  // Requests without a body are not concerned; 64 KiB holds the largest cart that a contract allows.
  maxBodyBytes: Type.Integer({ minimum: 1024, maximum: 104_857_600, default: 65_536 }),
  cache: Cache,
  idempotency: Type.Optional(
    Type.Enum(['required', 'none'], {
      description:
        'for what changes something: required, or none where asking twice does no harm by itself',
    }),
  ),
})

/** policies/apis/<api>.yaml: how an API's versions and operations are governed. */
export const ApiFile = strictObject({
  api: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
  owner: strictObject({
    team: Type.String({ minLength: 1, maxLength: 100 }),
    contact: Type.String({ minLength: 3, maxLength: 200 }),
  }),
  versions: strictRecord(
    '^v[1-9][0-9]{0,3}$',
    strictObject({
      lifecycle: strictObject({
        state: Type.Enum(['draft', 'active', 'deprecated', 'retired']),
        deprecatedAt: Type.Optional(Instant),
        sunsetAt: Type.Optional(Instant),
        // Short refusals before the sunset, so that those who do not read notices notice.
        brownOuts: Type.Optional(WindowList),
        // Who may call a draft; to everybody else it is not there.
        previewFor: Type.Optional(Type.Array(Name, { uniqueItems: true, maxItems: 1000 })),
        successor: Type.Optional(Type.String({ pattern: '^v[1-9][0-9]{0,3}$' })),
        migrationGuide: Type.Optional(Type.String({ format: 'uri-reference', maxLength: 2000 })),
      }),
      operations: strictRecord('^[a-z][A-Za-z0-9]{0,63}$', Operation, 'settings by operationId'),
    }),
    'versions such as v2',
  ),
})
export type ApiFile = Static<typeof ApiFile>
export type OperationSettings = Static<typeof Operation>
