import { jsonDigest } from '../../kernel/canonical-json.ts'
import { invariant } from '../../kernel/invariant.ts'
import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import type { Idempotency, IdempotencyKey, KeptAnswer } from '../../ports/idempotency.ts'
import type { Admitted, Handler } from '../exchange.ts'
import { idempotencyKeyOf } from '../idempotency-key.ts'
import { type ProblemDocs, problemReply } from '../problem-reply.ts'
import type { Reply } from '../reply.ts'
import { verdict } from '../trail.ts'

export type IdempotentSettings = {
  readonly operationId: string
  /** For reading, and for keeping refusals, which have no effect that they would have to be kept with. */
  readonly answers: Idempotency
  readonly docs: ProblemDocs
  readonly at: Place
}

/** Another transaction has kept an answer under the same key: this one must be given up. */
export class AlreadyKept extends Error {
  override name = 'AlreadyKept'
}

/**
 * Carries a call out once, however often it is sent. The answer is kept by the operation, in the
 * transaction of its effect, so that no crash parts them; a refusal by the operation is kept too. What
 * failed for our own or the ERP's sake is not kept: asking again drives it on.
 *
 * @see draft-ietf-httpapi-idempotency-key-header-07 section 2.6
 */
export function idempotent(
  settings: IdempotentSettings | undefined,
  next: Handler<Admitted>,
): Handler<Admitted> {
  if (!settings) return next
  const { operationId, answers, docs, at } = settings
  const running = new Set<string>()
  const first = verdict('idempotent', 'pass', 'a new Idempotency-Key', at)
  const replayed = verdict('idempotent', 'hit', 'the kept answer is given again', at)
  const refused = verdict('idempotent', 'refuse', 'the Idempotency-Key cannot be used', at)

  const refuse = (exchange: Admitted, problem: Problem): never => {
    exchange.trail.push(refused)
    throw problem
  }
  const again = (exchange: Admitted, kept: KeptAnswer, fingerprint: string): Reply => {
    if (kept.fingerprint !== fingerprint) {
      refuse(exchange, new Problem('idempotency-key-reused'))
    }
    exchange.trail.push(replayed)
    return toReply(kept)
  }

  return async exchange => {
    const key = idempotencyKeyOf(exchange.headers['idempotency-key'])
    if (key === undefined) return refuse(exchange, new Problem('idempotency-key-missing'))
    const id = { consumer: exchange.principal.consumer.id, operation: operationId, key }
    const fingerprint = jsonDigest([exchange.method, exchange.path, exchange.body ?? null])
    const kept = await answers.find(id)
    if (kept) return again(exchange, kept, fingerprint)
    const name = JSON.stringify([id.consumer, key])
    if (running.has(name)) {
      const problem = new Problem('idempotency-key-in-use', { retryAfterSeconds: 1 })
      return refuse(exchange, problem)
    }
    running.add(name)
    exchange.trail.push(first)
    try {
      return await once(exchange, id, fingerprint)
    } catch (error) {
      if (!(error instanceof AlreadyKept)) throw error
      const other = await answers.find(id)
      invariant(other, 'an answer that is kept can be read')
      return again(exchange, other, fingerprint)
    } finally {
      running.delete(name)
    }
  }

  async function once(exchange: Admitted, id: IdempotencyKey, fingerprint: string): Promise<Reply> {
    let isKept = false
    const keeping = Object.assign(exchange, {
      async keep(kept: Idempotency, reply: Reply): Promise<void> {
        if (!(await kept.keep(id, toKept(reply, fingerprint)))) throw new AlreadyKept()
        isKept = true
      },
    })
    try {
      const reply = await next(keeping)
      invariant(isKept, `${operationId} has not kept its answer`)
      return reply
    } catch (error) {
      // A refusal of the operation itself is final; what may pass later is not.
      const isFinal =
        error instanceof Problem && error.kind.status < 500 && error.kind.retry === 'never'
      if (!isFinal) throw error
      const reply = problemReply(error, exchange.id, docs)
      if (!(await answers.keep(id, toKept(reply, fingerprint)))) throw new AlreadyKept()
      return reply
    }
  }
}

function toKept({ status, headers, body }: Reply, fingerprint: string): KeptAnswer {
  invariant(body.kind === 'json', 'an answer that is kept is JSON')
  const { contentType } = body
  return { fingerprint, status, headers, contentType, body: JSON.stringify(body.value) }
}

const toReply = ({ status, headers, contentType, body }: KeptAnswer): Reply => ({
  status,
  headers: [...headers, 'Idempotent-Replayed', 'true'],
  body: { kind: 'bytes', value: Buffer.from(body), contentType },
})
