import type { OperationContract } from './contract.ts'
import type { Exchange } from './exchange-of.ts'
import type { Observation } from './steps/observed.ts'

/** Query values longer than this are cut in the log: a caller decides their length. */
const MAX_VALUE_LENGTH = 200
const MAX_VALUES = 20

/**
 * One call as a structured log line. Parameters that the contract does not declare are left out, and
 * those it marks `x-redact` are masked; credentials and bodies are never in it.
 */
export function accessLine(
  { exchange, principal, reply, code, cache, durationMs }: Observation,
  contract: OperationContract | undefined,
  revision: string,
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
    }),
    ...(principal && {
      consumer: principal.consumer.id,
      plan: principal.consumer.plan.id,
      credential: principal.credential,
    }),
    status: reply.status,
    ...(code !== 'none' && { code, trail: exchange.trail }),
    ...(cache !== 'none' && { cache }),
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

const MASK = '[redacted]'
const cut = (value: string): string => value.slice(0, MAX_VALUE_LENGTH)
