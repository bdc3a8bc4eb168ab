/** The accounts that returns post to, by what they are for. */
export type AccountRole =
  | 'pspClearing'
  | 'chargebacksReceivable'
  | 'inventory'
  | 'dueFromEntity'
  | 'dueToEntity'
  | 'vatPayable'
  | 'refundsPayable'
  | 'storeCredit'
  | 'sales'
  | 'shippingRevenue'
  | 'salesReturns'
  | 'fees'
  | 'costOfGoods'
  | 'inventoryWriteOff'

export type JournalLine = {
  readonly account: string
  readonly side: 'D' | 'C'
  /** Above zero, in the minor unit of the entry's currency. */
  readonly amountMinor: bigint
  readonly dimensions: Readonly<Record<string, string>>
}

/** A double entry: what it debits it credits. Never changed; put right by another. */
export type JournalEntry = {
  readonly id: string
  /** `R1`, `R2b`: which step of what happened. */
  readonly kind: string
  /** The legal entity whose books they are. */
  readonly book: string
  readonly currency: string
  readonly lines: readonly JournalLine[]
  /** What it is about; with `kind` and `book` it is posted once. */
  readonly causedBy: { readonly type: string; readonly id: string }
  /** A calendar date of the place. */
  readonly businessDate: string
  /** Epoch ms. */
  readonly recordedAt: number
}

/** Debits less credits, in the minor unit; zero when it balances. */
export const imbalance = ({ lines }: Pick<JournalEntry, 'lines'>): bigint =>
  lines.reduce(
    (sum, { side, amountMinor }) => sum + (side === 'D' ? amountMinor : -amountMinor),
    0n,
  )
