import { jsonReply } from '../gateway/reply.ts'
import type { components, operations } from '../model/generated/orders-v1.ts'
import { instantText } from './instant.ts'
import type { Operation } from './operation-deps.ts'
import { findOrder } from './order-access.ts'
import { paramsOf } from './typed-input.ts'

type Entry = components['schemas']['TimelineEntry']

/** `GET /orders/v1/orders/{id}/timeline`: events and attempts at the ERPs, in order. */
export const getOrderTimeline: Operation = deps => async exchange => {
  const { id } = paramsOf<operations['getOrderTimeline']>(exchange)
  const { read } = deps.store
  await findOrder(read, exchange, id)
  const postings = new Map((await read.postings.ofOrder(id)).map(posting => [posting.id, posting]))
  const told = (await read.events.of('order', id)).map(event => ({
    when: event.recordedAt,
    entry: {
      at: instantText(event.occurredAt),
      kind: 'event',
      type: event.type,
      correlationId: event.correlationId,
      detail: { ...event.data },
    } satisfies Entry,
  }))
  const tried = (await read.postings.attemptsOf(id)).map(attempt => {
    const posting = postings.get(attempt.postingId)
    return {
      when: attempt.endedAt ?? attempt.startedAt,
      entry: {
        at: instantText(attempt.startedAt),
        kind: 'erp-attempt',
        type: attempt.outcome ?? 'UNDER_WAY',
        detail: {
          connection: posting?.connection,
          what: posting?.kind,
          attempt: attempt.n,
          ...(posting?.erpNumber !== undefined && { erpDocumentNumber: posting.erpNumber }),
        },
      } satisfies Entry,
    }
  })
  const entries: Entry[] = [...told, ...tried]
    .sort((a, b) => a.when - b.when)
    .map(({ entry }) => entry)
  return jsonReply(200, { entries })
}
