import type { RecordedEvent } from '../model/event.ts'
import type { components } from '../model/generated/inventory-v2.ts'
import { instantText } from './instant.ts'

/** An event as the contracts word it. */
export const eventBody = ({
  id,
  type,
  feedSeq,
  aggregate,
  occurredAt,
  recordedAt,
  correlationId,
  data,
}: RecordedEvent): components['schemas']['Changes']['data'][number] => ({
  id,
  type,
  feedSeq,
  aggregate: { ...aggregate },
  occurredAt: instantText(occurredAt),
  recordedAt: instantText(recordedAt),
  correlationId,
  data: { ...data },
})

/** A part of the feed as the contracts word it. */
export const changesBody = ({
  events,
  next,
  more,
}: {
  events: readonly RecordedEvent[]
  next: number
  more: boolean
}): components['schemas']['Changes'] => ({ data: events.map(eventBody), next, more })
