import type { Order, OrderLifecycle, OrderLine } from '../../model/order.ts'

export type FulfilmentStatus = 'UNFULFILLED' | 'PARTIALLY_FULFILLED' | 'FULFILLED' | 'CANCELLED'

const openOf = ({ ordered, shipped, cancelled }: OrderLine): bigint => ordered - shipped - cancelled

/** Follows from the lines' counters; nobody sets it. */
export function fulfilmentStatus(lines: readonly OrderLine[]): FulfilmentStatus {
  const shipped = lines.some(line => line.shipped > 0n)
  const open = lines.some(line => openOf(line) > 0n)
  if (!open) return shipped ? 'FULFILLED' : 'CANCELLED'
  return shipped ? 'PARTIALLY_FULFILLED' : 'UNFULFILLED'
}

/** Where an order may go from where it is, and by whom. */
const TRANSITIONS: Readonly<Record<OrderLifecycle, readonly OrderLifecycle[]>> = {
  RECEIVED: ['ACCEPTED', 'ON_HOLD', 'REJECTED'],
  ACCEPTED: ['ON_HOLD', 'RELEASED', 'CANCELLED'],
  ON_HOLD: ['ACCEPTED', 'CANCELLED'],
  RELEASED: ['ACCEPTED', 'IN_FULFILMENT', 'FULFILLED', 'CANCELLED'],
  IN_FULFILMENT: ['FULFILLED'],
  FULFILLED: ['CLOSED'],
  CLOSED: ['FULFILLED'],
  REJECTED: [],
  CANCELLED: [],
}

export const mayBecome = ({ lifecycle }: Pick<Order, 'lifecycle'>, next: OrderLifecycle): boolean =>
  TRANSITIONS[lifecycle].includes(next)
