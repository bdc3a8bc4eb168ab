import type { Admitted } from '../gateway/exchange.ts'
import type { ErpCall } from '../ports/erp.ts'

/** What an ERP call needs of the call that causes it. The work class is all that it learns of the caller. */
export const erpCallOf = (exchange: Admitted): ErpCall => ({
  signal: exchange.signal,
  deadlineAt: exchange.deadlineAt,
  correlationId: exchange.id,
  traceparent: exchange.traceparent,
  workClass: exchange.principal.consumer.plan.workClass,
  readThrough: exchange.readThrough,
})
