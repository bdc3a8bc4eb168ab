import type { StockKey } from './stock.ts'

/** What is known of one SKU at one location. Quantities in micros of `uom`. */
export type StockCounter = StockKey & {
  readonly connection: string
  readonly uom: string
  /** As the newest snapshot of the ERP has it. */
  readonly onHand: bigint
  /** The ERP's change sequence that the snapshot contains, where it has one. */
  readonly snapshotSeq: bigint | undefined
  /** When the snapshot was asked for, epoch ms. */
  readonly snapshotAt: number
  /** Movements that the snapshot does not contain. */
  readonly unabsorbed: bigint
  readonly held: bigint
  readonly committed: bigint
  readonly version: number
}

/**
 * What may be promised of it, before any channel's buffer; negative when more is promised than is there.
 *
 * ATP = onHand + unabsorbed − held − committed
 */
export const availableToPromise = ({ onHand, unabsorbed, held, committed }: StockCounter): bigint =>
  onHand + unabsorbed - held - committed

/** How an ERP's number is meant, and how one tells which postings it contains. */
export type SnapshotMeaning = {
  readonly quantitySemantics: 'PHYSICAL' | 'NET_OF_ERP_ORDERS'
  readonly changeSequence: 'NATIVE' | 'NONE'
}
