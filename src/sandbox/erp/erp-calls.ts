import { changes } from './changes.ts'
import { creditCalls } from './credits.ts'
import type { ErpCall } from './erp-call.ts'
import { journalCalls } from './journals.ts'
import { movementCalls } from './movements.ts'
import { orderCalls } from './orders.ts'
import { ping } from './ping.ts'
import { pricesRead } from './prices-read.ts'
import { pricesWrite } from './prices-write.ts'
import { returnCalls } from './returns.ts'
import { stockRead } from './stock-read.ts'

/** Everything that the ERP can be asked for. */
export const ERP_CALLS: readonly ErpCall[] = [
  ping,
  stockRead,
  pricesRead,
  pricesWrite,
  changes,
  ...orderCalls,
  ...movementCalls,
  ...returnCalls,
  ...creditCalls,
  ...journalCalls,
]
