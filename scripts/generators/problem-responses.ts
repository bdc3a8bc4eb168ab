import { stringify } from 'yaml'
import { type ProblemCode, type ProblemKind, problems } from '../../src/kernel/problems.ts'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

const CORRELATION_ID = '0198c5d2-7a11-7c3e-9d43-0c5f6f1d8e21'

/** Header fields that answers of a status carry besides the correlation id. */
const HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  405: ['Allow'],
  409: ['Retry-After'],
  410: ['Deprecation', 'Sunset', 'Link'],
  415: ['Accept-Post'],
  429: ['RateLimit-Policy', 'RateLimit', 'Retry-After'],
  501: ['Proxy-Status'],
  502: ['Proxy-Status'],
  503: ['Proxy-Status', 'Retry-After'],
  504: ['Proxy-Status'],
}

/** What an example shows beyond the members that every problem has. */
const EXTRAS: Partial<Record<ProblemCode, object>> = {
  'invalid-request': {
    detail: '1 part is wrong.',
    errors: [{ pointer: '#/query/sku', code: 'required', message: 'is required' }],
  },
  'insufficient-scope': { missingScopes: ['inventory:read'] },
  'version-retired': { detail: 'Use /inventory/v2 instead.', successor: '/inventory/v2' },
  'payload-too-large': { maxBytes: 65536 },
  'unknown-location': { locations: ['STORE-99'] },
  'currency-not-available': { currencies: ['EUR'] },
  'stock-short': {
    lines: [
      {
        lineId: '1',
        sku: '100001',
        requested: { value: '2', uom: 'EA' },
        available: { value: '1', uom: 'EA' },
        alternatives: ['DC-WEST'],
      },
    ],
  },
  'idempotency-key-in-use': { retryAfter: 1 },
  'price-not-available': {
    errors: [
      { pointer: '#/body/lines/0', code: 'unit-not-priced', message: 'is not sold by this unit' },
    ],
  },
  'rate-limited': { retryAfter: 2, 'violated-policies': ['rate'] },
  'quota-exceeded': { retryAfter: 3600, 'violated-policies': ['day'] },
  'outside-hours': { retryAfter: 3600 },
  'version-brown-out': { retryAfter: 900, successor: '/inventory/v2' },
  'concurrency-exceeded': { retryAfter: 1, 'violated-policies': ['concurrency'] },
  'erp-unreachable': { retryAfter: 5 },
  'erp-busy': { retryAfter: 5 },
  'storage-unreachable': { retryAfter: 2 },
}

/** A refusal by policy names the policy, and who can change it. */
const REFUSED_BY = {
  policy: 'inventory/v2/getAvailability',
  contact: 'inventory-team@example.com',
}

/**
 * What only some operations answer. Such a code stands in the responses named here and in no other, so
 * that a contract promises nothing that its operation cannot do.
 */
const PARTICULAR: Readonly<Record<string, readonly ProblemCode[]>> = {
  UnknownSku: ['unknown-sku'],
  InventoryQuestion: ['unknown-channel', 'unknown-location'],
  StockQuestion: ['unknown-location'],
  IdempotentRequest: ['invalid-request', 'idempotency-key-missing'],
  IdempotencyKeyReused: ['idempotency-key-reused'],
  IdempotencyKeyInUse: ['idempotency-key-in-use'],
  ReservationShort: ['stock-short', 'idempotency-key-in-use'],
  ReservationState: ['reservation-ended', 'reservation-committed', 'idempotency-key-in-use'],
  OrderConflict: ['order-changed', 'price-changed', 'idempotency-key-in-use'],
  OrderState: ['order-not-cancellable', 'idempotency-key-in-use'],
  OrderQuestion: ['unknown-channel', 'unknown-location', 'idempotency-key-reused'],
  IdempotentInventoryQuestion: ['unknown-channel', 'unknown-location', 'idempotency-key-reused'],
  IdempotentStockQuestion: ['unknown-location', 'idempotency-key-reused'],
  PricingContext: ['unknown-channel', 'currency-not-available'],
  Unquotable: ['unknown-channel', 'currency-not-available', 'price-not-available'],
}

/** What stands among an operation's particular codes and is answered by every other one too. */
const EVERYWHERE: ReadonlySet<ProblemCode> = new Set(['invalid-request'])

/**
 * `openapi/common/problems.yaml`: one response per status with the codes that any operation may answer,
 * and one for each particular set of codes; each code with an example.
 */
export async function problemResponses(): Promise<readonly Generated[]> {
  const particular = new Set(
    Object.values(PARTICULAR)
      .flat()
      .filter(code => !EVERYWHERE.has(code)),
  )
  const byName = new Map<string, readonly ProblemCode[]>()
  for (const code of Object.keys(problems) as ProblemCode[]) {
    if (particular.has(code)) continue
    const name = `Problem${problems[code].status}`
    byName.set(name, [...(byName.get(name) ?? []), code])
  }
  for (const [name, codes] of Object.entries(PARTICULAR)) byName.set(name, codes)
  const responses = Object.fromEntries([...byName].map(([name, codes]) => [name, response(codes)]))
  const document = { components: { responses } }
  return [
    {
      path: 'openapi/common/problems.yaml',
      text: `# ${DO_NOT_EDIT} Source: src/kernel/problems.ts\n${stringify(document, { lineWidth: 100 })}`,
    },
  ]
}

/** @param codes all of one status */
function response(codes: readonly ProblemCode[]) {
  const fields = [
    'X-Correlation-Id',
    ...codes.flatMap(code => HEADERS[problems[code].status] ?? []),
  ]
  return {
    description: `${codes.map(code => `\`${code}\`: ${problems[code].title}.`).join(' ')}`,
    headers: Object.fromEntries(
      [...new Set(fields)].map(name => [
        name,
        { $ref: `headers.yaml#/components/headers/${name}` },
      ]),
    ),
    content: {
      'application/problem+json': {
        schema: { $ref: 'schemas.yaml#/components/schemas/Problem' },
        examples: Object.fromEntries(
          codes.map(code => [code, { summary: problems[code].title, value: example(code) }]),
        ),
      },
    },
  }
}

function example(code: ProblemCode) {
  const { status, title, retry, owner }: ProblemKind = problems[code]
  return {
    type: `/problems/${code}`,
    title,
    status,
    instance: `/requests/${CORRELATION_ID}`,
    code,
    retryable: retry === 'later',
    correlationId: CORRELATION_ID,
    ...EXTRAS[code],
    ...(owner === 'policy' && REFUSED_BY),
  }
}
