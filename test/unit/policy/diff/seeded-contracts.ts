import type { Rank } from '../../../../src/policy/diff/change.ts'

/** A contract with one of everything that callers can come to depend on. */
export const baseContract = () => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1.0.0' },
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'getThing',
        security: [{ oauth2: ['shop:read'] }, { apiKey: [] as string[] }],
        'x-max-cache-seconds': 60,
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 20 } },
          { name: 'lang', in: 'query', schema: { type: 'string', enum: ['en', 'de'] } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, default: 10 } },
          { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
        ] as Record<string, unknown>[],
        responses: {
          '200': {
            description: 'A thing',
            headers: { ETag: { required: true, schema: { type: 'string' } } },
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['id', 'state'],
                  properties: {
                    id: { type: 'string', maxLength: 20 },
                    state: { type: 'string', enum: ['open', 'closed'] },
                    note: { type: 'string' },
                    size: { type: 'integer', minimum: 0, maximum: 9 },
                    parts: {
                      type: 'array',
                      items: {
                        type: 'object',
                        required: ['name'],
                        properties: { name: { type: 'string' } },
                      },
                    },
                  } as Record<string, Record<string, unknown>>,
                },
              },
            } as Record<string, unknown>,
          },
          '404': { description: 'none' },
        } as Record<string, Record<string, unknown>>,
      },
      post: {
        operationId: 'changeThing',
        security: [{ oauth2: ['shop:write'] }],
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
        ] as Record<string, unknown>[],
        requestBody: {
          required: false,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                additionalProperties: false,
                required: ['name'],
                properties: {
                  name: { type: 'string', maxLength: 50 },
                  colour: { type: 'string', enum: ['red', 'blue'] },
                  price: { oneOf: [{ type: 'string' }, { type: 'null' }] },
                  email: { type: 'string', pattern: '^.+@.+$' },
                  tags: { type: 'array', maxItems: 5, items: { type: 'string' } },
                } as Record<string, Record<string, unknown>>,
              },
            },
            'text/csv': { schema: { type: 'string' } },
          } as Record<string, { schema: Record<string, unknown> }>,
        },
        responses: { '204': { description: 'done' } } as Record<string, Record<string, unknown>>,
      },
    },
  } as Record<string, Record<string, unknown>>,
  components: {
    securitySchemes: {
      oauth2: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            tokenUrl: '/oauth/token',
            scopes: { 'shop:read': 'Read.', 'shop:write': 'Write.', 'shop:extra': 'More.' },
          },
        },
      },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
  },
})

export type Contract = ReturnType<typeof baseContract>

// biome-ignore lint/suspicious/noExplicitAny: mutations reach anywhere in a document
type Loose = any

const item = (c: Contract): Loose => c.paths['/things/{id}']
const get = (c: Contract): Loose => item(c).get
const post = (c: Contract): Loose => item(c).post
const sent = (c: Contract): Loose => post(c).requestBody.content['application/json'].schema
const got = (c: Contract): Loose => get(c).responses['200'].content['application/json'].schema
const query = (c: Contract, name: string): Loose =>
  get(c).parameters.find((p: Loose) => p.name === name)

/** An edit of the contract, and what it must be called. The ranks are those of the published checks of OpenAPI diff tools, where they have one. */
export const SEEDED: readonly (readonly [
  name: string,
  edit: (contract: Contract) => void,
  rank: Rank,
  rule: string,
])[] = [
  ['operation removed', c => delete item(c).post, 'breaking', 'operation-removed'],
  [
    'operation added',
    c => Object.assign(item(c), { delete: { operationId: 'dropThing', responses: {} } }),
    'safe',
    'operation-added',
  ],
  [
    'path parameter renamed',
    c => {
      for (const operation of [get(c), post(c)]) operation.parameters[0].name = 'thing'
      c.paths = { '/things/{thing}': item(c) }
    },
    'safe',
    'none',
  ],
  [
    'operationId renamed',
    c => Object.assign(get(c), { operationId: 'readThing' }),
    'risky',
    'operation-id-changed',
  ],
  [
    'operation deprecated',
    c => Object.assign(get(c), { deprecated: true }),
    'safe',
    'operation-deprecated',
  ],
  [
    'required query parameter added',
    c =>
      get(c).parameters.push({
        name: 'shop',
        in: 'query',
        required: true,
        schema: { type: 'string' },
      }),
    'breaking',
    'new-required-request-parameter',
  ],
  [
    'optional query parameter added',
    c => get(c).parameters.push({ name: 'shop', in: 'query', schema: { type: 'string' } }),
    'safe',
    'new-optional-request-parameter',
  ],
  [
    'query parameter removed',
    c => get(c).parameters.splice(1, 1),
    'breaking',
    'request-parameter-removed',
  ],
  [
    'header parameter removed',
    c => get(c).parameters.splice(3, 1),
    'risky',
    'request-parameter-removed',
  ],
  [
    'parameter became required',
    c => Object.assign(query(c, 'lang'), { required: true }),
    'breaking',
    'request-parameter-became-required',
  ],
  [
    'parameter enum value removed',
    c => query(c, 'lang').schema.enum.pop(),
    'breaking',
    'request-enum-value-removed',
  ],
  [
    'parameter enum value added',
    c => query(c, 'lang').schema.enum.push('fr'),
    'safe',
    'request-enum-value-added',
  ],
  [
    'parameter became an enum',
    c => Object.assign(query(c, 'X-Trace').schema, { enum: ['a'] }),
    'breaking',
    'request-became-enum',
  ],
  [
    'parameter type changed',
    c => Object.assign(query(c, 'limit').schema, { type: 'boolean' }),
    'breaking',
    'request-type-changed',
  ],
  [
    'parameter type widened',
    c => Object.assign(query(c, 'limit').schema, { type: 'number' }),
    'safe',
    'request-type-changed',
  ],
  [
    'parameter minimum raised',
    c => Object.assign(query(c, 'limit').schema, { minimum: 2 }),
    'breaking',
    'request-minimum-changed',
  ],
  [
    'parameter maximum set',
    c => Object.assign(query(c, 'limit').schema, { maximum: 5 }),
    'breaking',
    'request-maximum-changed',
  ],
  [
    'parameter default changed',
    c => Object.assign(query(c, 'limit').schema, { default: 20 }),
    'risky',
    'request-default-changed',
  ],
  [
    'path parameter shortened',
    c => Object.assign(query(c, 'id').schema, { maxLength: 10 }),
    'breaking',
    'request-max-length-changed',
  ],
  [
    'parameter written otherwise',
    c => Object.assign(query(c, 'lang'), { explode: false }),
    'breaking',
    'request-parameter-style-changed',
  ],
  [
    'parameter newly redacted',
    c => Object.assign(query(c, 'lang'), { 'x-redact': true }),
    'risky',
    'field-newly-redacted',
  ],
  [
    'body became required',
    c => Object.assign(post(c).requestBody, { required: true }),
    'breaking',
    'request-body-became-required',
  ],
  ['body removed', c => delete post(c).requestBody, 'breaking', 'request-body-removed'],
  [
    'required body added',
    c => Object.assign(get(c), { requestBody: { required: true, content: {} } }),
    'breaking',
    'request-body-added',
  ],
  [
    'body media type removed',
    c => delete post(c).requestBody.content['text/csv'],
    'breaking',
    'request-media-type-removed',
  ],
  [
    'required property added to body',
    c => {
      sent(c).properties.size = { type: 'integer' }
      sent(c).required.push('size')
    },
    'breaking',
    'new-required-request-property',
  ],
  [
    'optional property added to body',
    c => Object.assign(sent(c).properties, { size: { type: 'integer' } }),
    'safe',
    'new-request-property',
  ],
  [
    'required read-only property added to body',
    c => {
      sent(c).properties.size = { type: 'integer', readOnly: true }
      sent(c).required.push('size')
    },
    'safe',
    'none',
  ],
  [
    'body property became required',
    c => sent(c).required.push('email'),
    'breaking',
    'request-property-became-required',
  ],
  [
    'body property became optional',
    c => sent(c).required.pop(),
    'safe',
    'request-property-became-optional',
  ],
  [
    'property of a closed body removed',
    c => delete sent(c).properties.email,
    'breaking',
    'request-property-removed',
  ],
  [
    'body property enum value removed',
    c => sent(c).properties.colour.enum.pop(),
    'breaking',
    'request-enum-value-removed',
  ],
  [
    'body property shortened',
    c => Object.assign(sent(c).properties.name, { maxLength: 5 }),
    'breaking',
    'request-max-length-changed',
  ],
  [
    'body property lengthened',
    c => Object.assign(sent(c).properties.name, { maxLength: 500 }),
    'safe',
    'request-max-length-changed',
  ],
  [
    'body pattern changed',
    c => Object.assign(sent(c).properties.email, { pattern: '^.+@.+[.].+$' }),
    'risky',
    'request-pattern-changed',
  ],
  [
    'body pattern added',
    c => Object.assign(sent(c).properties.name, { pattern: '^a' }),
    'breaking',
    'request-pattern-changed',
  ],
  [
    'body list shortened',
    c => Object.assign(sent(c).properties.tags, { maxItems: 2 }),
    'breaking',
    'request-max-items-changed',
  ],
  [
    'body items must differ',
    c => Object.assign(sent(c).properties.tags, { uniqueItems: true }),
    'breaking',
    'request-unique-items',
  ],
  [
    'body alternative removed',
    c => sent(c).properties.price.oneOf.pop(),
    'breaking',
    'request-one-of-removed',
  ],
  [
    'body alternative added',
    c => sent(c).properties.price.oneOf.push({ type: 'number' }),
    'safe',
    'request-one-of-added',
  ],
  [
    'body part added',
    c => Object.assign(sent(c), { allOf: [{ minProperties: 1 }] }),
    'breaking',
    'request-all-of-added',
  ],
  [
    'body opened',
    c => Object.assign(sent(c), { additionalProperties: true }),
    'safe',
    'request-additional-properties-changed',
  ],
  [
    'scope added',
    c => get(c).security[0].oauth2.push('shop:extra'),
    'breaking',
    'security-scope-added',
  ],
  ['scope removed', c => get(c).security[0].oauth2.pop(), 'safe', 'security-scope-removed'],
  ['way to authenticate removed', c => get(c).security.pop(), 'breaking', 'security-removed'],
  [
    'way to authenticate added',
    c => post(c).security.push({ apiKey: [] }),
    'safe',
    'security-added',
  ],
  [
    'success status removed',
    c => {
      get(c).responses['206'] = get(c).responses['200']
      delete get(c).responses['200']
    },
    'breaking',
    'response-success-status-removed',
  ],
  [
    'error status removed',
    c => delete get(c).responses['404'],
    'safe',
    'response-non-success-status-removed',
  ],
  [
    'error status added',
    c => Object.assign(get(c).responses, { '409': { description: '' } }),
    'safe',
    'response-non-success-status-added',
  ],
  [
    'response media type removed',
    c => Object.assign(get(c).responses['200'], { content: {} }),
    'breaking',
    'response-media-type-removed',
  ],
  [
    'required header removed',
    c => delete get(c).responses['200'].headers.ETag,
    'breaking',
    'response-header-removed',
  ],
  [
    'header became optional',
    c => Object.assign(get(c).responses['200'].headers.ETag, { required: false }),
    'breaking',
    'response-header-became-optional',
  ],
  [
    'required answer property removed',
    c => {
      delete got(c).properties.state
      got(c).required.pop()
    },
    'breaking',
    'response-property-removed',
  ],
  [
    'optional answer property removed',
    c => delete got(c).properties.note,
    'risky',
    'response-property-removed',
  ],
  [
    'answer property added',
    c => Object.assign(got(c).properties, { more: { type: 'string' } }),
    'safe',
    'new-response-property',
  ],
  [
    'answer property became optional',
    c => got(c).required.pop(),
    'breaking',
    'response-property-became-optional',
  ],
  [
    'answer property became required',
    c => got(c).required.push('note'),
    'safe',
    'response-property-became-required',
  ],
  [
    'answer property became nullable',
    c => Object.assign(got(c).properties.note, { type: ['string', 'null'] }),
    'breaking',
    'response-became-nullable',
  ],
  [
    'answer type changed',
    c => Object.assign(got(c).properties.size, { type: 'string' }),
    'breaking',
    'response-type-changed',
  ],
  [
    'answer type generalized',
    c => Object.assign(got(c).properties.size, { type: 'number' }),
    'breaking',
    'response-type-changed',
  ],
  [
    'answer enum value added',
    c => got(c).properties.state.enum.push('lost'),
    'breaking',
    'response-enum-value-added',
  ],
  [
    'answer enum value removed',
    c => got(c).properties.state.enum.pop(),
    'safe',
    'response-enum-value-removed',
  ],
  [
    'answer lengthened',
    c => Object.assign(got(c).properties.id, { maxLength: 40 }),
    'breaking',
    'response-max-length-changed',
  ],
  [
    'answer maximum raised',
    c => Object.assign(got(c).properties.size, { maximum: 10 }),
    'breaking',
    'response-maximum-changed',
  ],
  [
    'answer nested property became optional',
    c => got(c).properties.parts.items.required.pop(),
    'breaking',
    'response-property-became-optional',
  ],
  [
    'answer description changed',
    c => Object.assign(got(c).properties.id, { description: 'other words' }),
    'safe',
    'none',
  ],
  [
    'answers may be older',
    c => Object.assign(get(c), { 'x-max-cache-seconds': 120 }),
    'risky',
    'staler-answers',
  ],
]
