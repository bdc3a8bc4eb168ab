import { jsonDigest } from '../kernel/canonical-json.ts'
import type { OperationContract } from './contract.ts'
import type { Exchange } from './exchange-of.ts'
import type { Observation } from './steps/observed.ts'

/** Query values longer than this are cut in the log: a caller decides their length. */
const MAX_VALUE_LENGTH = 200
/** As many as any list of a contract has. */
const MAX_VALUES = 200
const MAX_BODY_LISTS = 10

/**
 * One call as a structured log line. Parameters that the contract does not declare are left out, and
 * those it marks `x-redact` are masked; credentials and bodies are never in it. What replay needs to judge
 * the call again by other policies is in it: of a body the lengths of its lists and a digest, that tells equal ones.
 */
export function accessLine(
  { exchange, principal, reply, code, cache, durationMs }: Observation,
  contract: OperationContract | undefined,
  { revision, sampleSuccesses }: { revision: string; sampleSuccesses: number },
): object {
  return {
    correlationId: exchange.id,
    ...(exchange.trace !== undefined && { traceparent: exchange.trace }),
    policyRevision: revision,
    method: exchange.method,
    ...(contract && {
      api: contract.api,
      version: contract.version,
      operation: contract.operationId,
      parameters: loggedParameters(exchange, contract),
      ...loggedBody(exchange),
    }),
    ...(principal && {
      consumer: principal.consumer.id,
      plan: principal.consumer.plan.id,
      credential: principal.credential,
      // All of the consumer's, where it does not say.
      ...(principal.scopes.size < principal.consumer.scopes.size && {
        scopes: [...principal.scopes],
      }),
    }),
    ...(exchange.headers['cache-control']?.includes('no-cache') && { noCache: true }),
    status: reply.status,
    ...(code !== 'none' && { code, trail: exchange.trail }),
    ...(cache !== 'none' && { cache }),
    ...(code === 'none' && sampleSuccesses < 1 && { sampled: sampleSuccesses }),
    durationMs: Math.round(durationMs * 1000) / 1000,
  }
}

function loggedParameters(exchange: Exchange, contract: OperationContract) {
  const logged: Record<string, string | string[]> = {}
  const query = new URLSearchParams(exchange.search)
  for (const { name, in: place, redacted } of contract.parameters) {
    if (place === 'path') {
      const value = exchange.pathParams[name]
      if (value !== undefined) logged[name] = redacted ? MASK : cut(value)
    } else if (place === 'query') {
      const values = query.getAll(name).slice(0, MAX_VALUES)
      if (values.length) logged[name] = redacted ? MASK : values.map(cut)
    }
  }
  return logged
}

/** Only what was validated is described: anything else has no form. */
function loggedBody(exchange: Exchange): { body?: object } {
  const { body } = exchange as { body?: unknown }
  if (typeof body !== 'object' || body === null) return {}
  const lists = Object.entries(body).flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, value.length] as const] : [],
  )
  return {
    body: {
      digest: jsonDigest(body).slice(0, 16),
      lists: Object.fromEntries(lists.slice(0, MAX_BODY_LISTS)),
    },
  }
}

/** What stands in the log for a value that the contract marks `x-redact`. */
export const MASK = '[redacted]'
const cut = (value: string): string => value.slice(0, MAX_VALUE_LENGTH)
