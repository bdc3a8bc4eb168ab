import { newCorrelationId } from '../../../kernel/ids.ts'
import type { Store } from '../../../ports/store.ts'
import { endReservation, keysOf } from './end-reservation.ts'

/** As many in one transaction as hold few enough locks not to be in the way. */
const BATCH = 50

/** Ends holds that are overdue. @returns how many, at most a batch: where that many were, there may be more */
export const expireOverdue = (store: Store, now: number): Promise<number> =>
  store.write(async tx => {
    const overdue = await tx.reservations.lockOverdue(now, { limit: BATCH })
    await tx.stock.lock(overdue.flatMap(keysOf))
    for (const reservation of overdue) {
      await endReservation(tx, reservation, 'EXPIRED', {
        now,
        correlationId: newCorrelationId(),
        locked: true,
      })
    }
    return overdue.length
  })
