import Type, { type Static } from 'typebox'
import { Instant, Name, strictObject, strictRecord } from './strict-object.ts'
import { WindowList } from './windows-schema.ts'

const Algorithm = Type.Enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
])

/** policies/gateway.yaml: what holds for the gateway as a whole. */
export const GatewayFile = strictObject({
  listener: strictObject({
    maxBodyBytes: Type.Integer({
      minimum: 1024,
      maximum: 104_857_600,
      description: 'no operation may allow a larger body',
    }),
    // Node's own default; a bearer token and a trace fit many times.
    maxHeaderBytes: Type.Integer({ minimum: 4096, maximum: 131_072, default: 16_384 }),
    // A caller that needs longer than this to send a request holds a connection for nothing.
    requestTimeoutMs: Type.Integer({ minimum: 1000, maximum: 300_000, default: 30_000 }),
    // Longer than the 60 s that load balancers usually keep idle connections, so that they close first.
    keepAliveTimeoutMs: Type.Integer({ minimum: 1000, maximum: 600_000, default: 65_000 }),
    maxConnections: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000 }),
  }),
  ownIssuer: strictObject({
    algorithm: Type.Enum(['RS256', 'PS256', 'ES256']),
    audience: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'what stands in aud: the name of this API estate',
    }),
    accessTokenTtlSeconds: Type.Integer({
      minimum: 30,
      maximum: 3600,
      description: 'short: a token cannot be called back',
    }),
    rotationOverlapSeconds: Type.Integer({
      minimum: 0,
      maximum: 2_592_000,
      description: 'how long the replaced key still verifies',
    }),
  }),
  tokenIssuers: Type.Array(
    strictObject({
      issuer: Type.String({ format: 'uri', maxLength: 2000 }),
      jwksUri: Type.String({ format: 'uri', maxLength: 2000 }),
      audience: Type.String({ minLength: 1, maxLength: 200 }),
      algorithms: Type.Array(Algorithm, { minItems: 1 }),
      consumerClaim: Type.String({
        pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
        default: 'client_id',
      }),
      types: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        minItems: 1,
        default: ['at+jwt'],
      }),
      clockToleranceSeconds: Type.Integer({ minimum: 0, maximum: 300, default: 5 }),
      jwksCooldownSeconds: Type.Integer({ minimum: 1, maximum: 3600, default: 30 }),
      jwksMaxAgeSeconds: Type.Integer({ minimum: 10, maximum: 86_400, default: 600 }),
    }),
    { description: 'issuers whose tokens are accepted besides our own; an empty list for none' },
  ),
  workClasses: Type.Array(Name, {
    minItems: 1,
    uniqueItems: true,
    description: 'the most important first: what is shed last',
  }),
  workShares: Type.Optional(
    strictRecord(
      '^[a-z][a-z0-9-]{0,63}$',
      strictObject({
        weight: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1000,
          description: 'its part of what an ERP does while other classes wait too',
        }),
        floor: Type.Number({
          minimum: 0,
          exclusiveMaximum: 1,
          default: 0,
          description: "the part of an ERP's budget that is kept free for it",
        }),
      }),
      'how work classes share an ERP; a class without a share weighs twice what the next one does',
    ),
  ),
  shedding: Type.Optional(
    strictObject(
      {
        eventLoopDelayMs: Type.Integer({
          minimum: 5,
          maximum: 10_000,
          description: 'how late the process may be',
        }),
        maxInFlight: Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          description: 'calls being worked on in one process',
        }),
      },
      {
        description:
          'past which the last of workClasses is refused first; without it nothing is shed',
      },
    ),
  ),
  cache: strictObject({ maxBytes: Type.Integer({ minimum: 1_048_576, maximum: 17_179_869_184 }) }),
  responseValidation: Type.Enum(['enforce', 'detect', 'by-environment'], {
    description: 'enforce, detect, or by-environment: detect in production, enforce elsewhere',
  }),
  accessLog: strictObject({
    sampleSuccesses: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'the share of successful calls that get a line; refusals and errors always do',
    }),
  }),
  calendars: Type.Optional(
    strictRecord('^[a-z][a-z0-9-]{0,63}$', WindowList, 'times by name, such as business hours'),
  ),
  freezes: Type.Optional(WindowList),
  // An edit that must be made in a freeze carries this; past `until` it is worth nothing.
  freezeOverride: Type.Optional(
    strictObject({
      by: Type.String({ minLength: 2, maxLength: 100 }),
      reason: Type.String({ minLength: 10, maxLength: 500 }),
      until: Instant,
    }),
  ),
  trustSampling: Type.Boolean({
    description: "whether a caller's traceparent may switch recording on",
  }),
})
export type GatewayFile = Static<typeof GatewayFile>
