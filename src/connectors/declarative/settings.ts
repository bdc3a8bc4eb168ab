import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const Expression = Type.Unknown({
  description: 'an expression of the mapping vocabulary, docs/mapping.md',
})
const Path = Type.String({ minLength: 1, maxLength: 500 })
const Kind = Type.Enum(['unreachable', 'busy', 'session', 'rejected', 'garbled', 'unknown'])

const ErrorRule = Type.Object(
  {
    when: Type.Unknown({ description: '{ path, in: […] } and the like, docs/mapping.md' }),
    kind: Kind,
    code: Type.Optional(Path),
    message: Type.Optional(Path),
  },
  strict,
)

const Call = Type.Object(
  {
    method: Type.Enum(['GET', 'POST']),
    path: Expression,
    query: Type.Optional(Type.Record(Type.String(), Expression)),
    headers: Type.Optional(Type.Record(Type.String(), Expression)),
    body: Type.Optional(Expression),
    /** One call per distinct value of these key fields, one after another; all keys in one call when absent. */
    groupBy: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    errors: Type.Optional(Type.Array(ErrorRule)),
    statuses: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[1-5][0-9][0-9]$' }),
        Type.Union([Kind, Type.Literal('empty')]),
      ),
    ),
    paging: Type.Optional(
      Type.Object(
        {
          next: Path,
          parameter: Type.Optional(Type.String({ minLength: 1 })),
          maxPages: Type.Integer({ minimum: 1, maximum: 100 }),
        },
        strict,
      ),
    ),
    /** Of `changes.since`: where the answer says up to where it tells, and how it says that there is more. */
    cursor: Type.Optional(Path),
    more: Type.Optional(
      Type.Unknown({ description: '{ path, in: […] } and the like, docs/mapping.md' }),
    ),
    rows: Type.Optional(Path),
    row: Type.Optional(Type.Record(Type.String(), Expression)),
    jsonata: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 10_000,
        description: 'computes the rows where the vocabulary is not enough',
      }),
    ),
  },
  strict,
)
export type CallSettings = Static<typeof Call>

const Auth = Type.Union(
  [
    Type.Object({ type: Type.Enum(['none', 'basic', 'bearer']) }, strict),
    Type.Object(
      {
        type: Type.Literal('apiKey'),
        in: Type.Enum(['header', 'query']),
        name: Type.String({ minLength: 1 }),
      },
      strict,
    ),
    Type.Object(
      {
        type: Type.Literal('oauth2ClientCredentials'),
        tokenUrl: Type.String({ format: 'uri' }),
        scope: Type.Optional(Type.String()),
        clientAuthentication: Type.Enum(['basic', 'post']),
      },
      strict,
    ),
    Type.Object(
      {
        type: Type.Literal('cookieSession'),
        login: Type.Object(
          {
            method: Type.Enum(['GET', 'POST']),
            path: Type.String({ minLength: 1 }),
            body: Type.Optional(Type.Unknown()),
          },
          strict,
        ),
        csrf: Type.Optional(
          Type.Object(
            { header: Type.String({ minLength: 1 }), fetchHeader: Type.Optional(Type.String()) },
            strict,
          ),
        ),
      },
      strict,
    ),
  ],
  {
    description:
      'none, basic, bearer, apiKey, oauth2ClientCredentials or cookieSession with their settings',
  },
)
export type AuthSettings = Static<typeof Auth>

/** `settings` of a connection in policies/erps whose `connector` is `declarative`. */
export const DeclarativeSettings = Type.Object(
  {
    auth: Auth,
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    correlationHeader: Type.Optional(Type.String({ minLength: 1 })),
    tables: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))),
    errors: Type.Optional(Type.Array(ErrorRule)),
    calls: Type.Object(
      {
        ping: Call,
        'inventory.readStock': Type.Optional(Call),
        'pricing.readPrices': Type.Optional(Call),
        'orders.find': Type.Optional(Call),
        'orders.create': Type.Optional(Call),
        'orders.cancel': Type.Optional(Call),
        'movements.find': Type.Optional(Call),
        'movements.create': Type.Optional(Call),
        'changes.since': Type.Optional(Call),
      },
      strict,
    ),
  },
  strict,
)
export type DeclarativeSettings = Static<typeof DeclarativeSettings>

/** Which of these an ERP needs, its `auth` says. */
export const DeclarativeCredentials = Type.Object(
  {
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    token: Type.Optional(Type.String()),
    apiKey: Type.Optional(Type.String()),
    clientId: Type.Optional(Type.String()),
    clientSecret: Type.Optional(Type.String()),
  },
  strict,
)
export type DeclarativeCredentials = Static<typeof DeclarativeCredentials>

/** Of these, what must come from the environment. */
export const DECLARATIVE_SECRETS = ['password', 'token', 'apiKey', 'clientSecret']
