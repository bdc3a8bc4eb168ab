import type { AccountRole, JournalEntry, JournalLine } from '../../model/journal.ts'
import type { Amounts } from '../orders/order-request.ts'

export type Accounts = Readonly<Record<AccountRole, string>>

/** The numbers of the house's own chart; a policy may name others. */
export const DEFAULT_ACCOUNTS: Accounts = {
  pspClearing: '1200',
  chargebacksReceivable: '1250',
  inventory: '1400',
  dueFromEntity: '1900',
  dueToEntity: '1910',
  vatPayable: '2200',
  refundsPayable: '2300',
  storeCredit: '2400',
  sales: '4000',
  shippingRevenue: '4010',
  salesReturns: '4100',
  fees: '4200',
  costOfGoods: '5000',
  inventoryWriteOff: '5100',
}

/** What is posted of a step, before it is given an id. */
export type Posting = Pick<JournalEntry, 'kind' | 'book' | 'lines'>

type Where = {
  readonly accounts: Accounts
  /** The legal entity that sold. */
  readonly book: string
  readonly dimensions?: Readonly<Record<string, string>>
}

const builder = ({ accounts, book, dimensions = {} }: Where) => {
  const line = (side: 'D' | 'C', role: AccountRole, amountMinor: bigint): JournalLine[] =>
    amountMinor === 0n ? [] : [{ account: accounts[role], side, amountMinor, dimensions }]
  return {
    debit: (role: AccountRole, amountMinor: bigint) => line('D', role, amountMinor),
    credit: (role: AccountRole, amountMinor: bigint) => line('C', role, amountMinor),
    entry: (kind: string, ...lines: readonly JournalLine[][]): Posting => ({
      kind,
      book,
      lines: lines.flat(),
    }),
  }
}

/** R1: goods are back and can be sold again; R1b: they cannot, and are written off. */
export function goodsBack(where: Where, costMinor: bigint, isSellable: boolean): Posting {
  const { debit, credit, entry } = builder(where)
  return isSellable
    ? entry('R1', debit('inventory', costMinor), credit('costOfGoods', costMinor))
    : entry('R1b', debit('inventoryWriteOff', costMinor), credit('costOfGoods', costMinor))
}

/** R2: the sale is taken back, and what it was paid with is owed. Shipping given back counts with it. */
export function saleReversed(where: Where, { netMinor, taxMinor, grossMinor }: Amounts): Posting {
  const { debit, credit, entry } = builder(where)
  return entry(
    'R2',
    debit('salesReturns', netMinor),
    debit('vatPayable', taxMinor),
    credit('refundsPayable', grossMinor),
  )
}

/** R2b: what is kept for handling is not owed. */
export function feeKept(where: Where, { netMinor, taxMinor, grossMinor }: Amounts): Posting {
  const { debit, credit, entry } = builder(where)
  return entry(
    'R2b',
    debit('refundsPayable', grossMinor),
    credit('fees', netMinor),
    credit('vatPayable', taxMinor),
  )
}

/** R3: the payment platform has given it back. */
export function refundPaid(where: Where, amountMinor: bigint): Posting {
  const { debit, credit, entry } = builder(where)
  return entry('R3', debit('refundsPayable', amountMinor), credit('pspClearing', amountMinor))
}

/** R4: the customer's bank would not have it: it is owed again. */
export function refundBounced(where: Where, amountMinor: bigint): Posting {
  const { debit, credit, entry } = builder(where)
  return entry('R4', debit('pspClearing', amountMinor), credit('refundsPayable', amountMinor))
}

/** R5: store credit instead of money. */
export function creditGiven(where: Where, amountMinor: bigint): Posting {
  const { debit, credit, entry } = builder(where)
  return entry('R5', debit('refundsPayable', amountMinor), credit('storeCredit', amountMinor))
}

/** R6: another legal entity has the goods now: each of the two books balances by itself. */
export function goodsElsewhere(
  seller: Where,
  receiver: Where,
  costMinor: bigint,
): readonly [seller: Posting, receiver: Posting] {
  const sold = builder(seller)
  const got = builder(receiver)
  return [
    sold.entry('R6', sold.debit('dueFromEntity', costMinor), sold.credit('costOfGoods', costMinor)),
    got.entry('R6', got.debit('inventory', costMinor), got.credit('dueToEntity', costMinor)),
  ]
}
