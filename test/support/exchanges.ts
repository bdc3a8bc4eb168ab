import type { IncomingHttpHeaders } from 'node:http'
import { admit } from '../../src/gateway/admit.ts'
import type { Admitted, Allowed } from '../../src/gateway/exchange.ts'
import { Exchange } from '../../src/gateway/exchange-of.ts'
import type { Principal } from '../../src/gateway/principal.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { ConsumerPolicy, PlanPolicy } from '../../src/policy/policy-set.ts'

export const PLACE = { file: 'policies/test.yaml', line: 1, column: 1 }

export function testPlan(overrides: Partial<PlanPolicy> = {}): PlanPolicy {
  return {
    at: PLACE,
    id: 'test-plan',
    limits: {},
    mode: 'enforce',
    hours: undefined,
    paid: false,
    workClass: 'browse',
    allowNoCache: false,
    ...overrides,
  }
}

export function testConsumer(overrides: Partial<ConsumerPolicy> = {}): ConsumerPolicy {
  return {
    at: PLACE,
    id: 'tester',
    name: 'Tester',
    contact: 'tester@example.com',
    plan: testPlan(),
    scopes: new Set(['inventory:read']),
    channels: new Set(['web']),
    regions: new Set(['eu-central']),
    clientId: 'tester',
    clientSecretHashes: [],
    apiKeyHashes: [],
    demo: false,
    ...overrides,
  }
}

export function testPrincipal(overrides: Partial<Principal> = {}): Principal {
  const consumer = overrides.consumer ?? testConsumer()
  return {
    consumer,
    scopes: consumer.scopes,
    credential: 'token',
    expiresAt: Number.POSITIVE_INFINITY,
    ...overrides,
  }
}

export type CallOptions = {
  clock: Clock
  method?: string
  url?: string
  headers?: IncomingHttpHeaders
  body?: string | Buffer
  pathParams?: Record<string, string>
  principal?: Principal
  stance?: 'enforce' | 'explain'
}

/** A call that has just arrived. */
export function arrived(options: CallOptions): Exchange {
  return new Exchange(
    {
      method: options.method ?? 'GET',
      url: options.url ?? '/inventory/v2/availability?sku=100001',
      headers: options.headers ?? {},
      readBody: () => Promise.resolve(Buffer.from(options.body ?? '')),
      onHangUp: () => {},
      ...(options.stance && { stance: options.stance }),
    },
    {
      clock: options.clock,
      timeoutMs: 2_000,
      pathParams: options.pathParams ?? {},
      trustSampling: false,
    },
  )
}

/** A call that may run the operation, its input unchecked. */
export const allowed = (options: CallOptions): Allowed & Exchange =>
  Object.assign(arrived(options), {
    principal: options.principal ?? testPrincipal(),
    scopesChecked: true as const,
  })

/** A call past every gate. */
export function admitted(
  options: CallOptions & {
    query?: Record<string, unknown>
    parsedBody?: unknown
    traits?: readonly string[] | 'all'
  },
): Admitted {
  const input = {
    query: options.query ?? {},
    params: options.pathParams ?? {},
    body: options.parsedBody,
  }
  return admit(allowed(options), input, options.traits ?? 'all')
}

/** A header field of a reply, or of what the steps have added so far. */
export function headerOf(pairs: readonly string[], name: string): string | undefined {
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i]?.toLowerCase() === name.toLowerCase()) return pairs[i + 1]
  }
  return undefined
}
