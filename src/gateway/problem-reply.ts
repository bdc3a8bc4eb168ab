import type { Problem, ProblemCode } from '../kernel/problems.ts'
import type { Reply } from './reply.ts'

/** What the caller may know of who governs the operation. */
export type ProblemDocs = {
  /** `inventory/v2/getAvailability` */
  readonly policy?: string
  /** The owner's contact. */
  readonly contact?: string
}

/**
 * Renders a problem. Nothing of `cause` is in it, and a 5xx that is our own carries no detail.
 *
 * @see RFC 9457 section 3
 */
export function problemReply(problem: Problem, correlationId: string, docs: ProblemDocs): Reply {
  const { kind, code, options } = problem
  const retryAfter = options.retryAfterSeconds
  const headers = Object.entries(options.headers ?? {}).flat()
  if (retryAfter !== undefined)
    headers.push('Retry-After', String(Math.max(1, Math.ceil(retryAfter))))
  headers.push('Cache-Control', 'no-store')
  const body = {
    type: problemType(code),
    title: kind.title,
    status: kind.status,
    ...(options.detail !== undefined && { detail: options.detail }),
    instance: `/requests/${correlationId}`,
    code,
    retryable: kind.retry === 'later',
    ...(retryAfter !== undefined && { retryAfter: Math.max(1, Math.ceil(retryAfter)) }),
    correlationId,
    ...(options.errors && { errors: options.errors }),
    ...(kind.owner === 'policy' && docs),
    ...options.extensions,
  }
  return {
    status: kind.status,
    headers,
    body: { kind: 'json', value: body, contentType: 'application/problem+json' },
  }
}

/** The address of the page that explains the problem. */
export const problemType = (code: ProblemCode): string => `/problems/${code}`
