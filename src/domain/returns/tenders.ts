/** One payment of an order, and what has become of it. Amounts in the currency's minor unit. */
export type Tender = {
  readonly pspReference: string
  readonly method: string
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  /** Asked for, or about to be, and not known to have failed. */
  readonly inFlightMinor: bigint
  readonly lostDisputesMinor: bigint
  /** Epoch ms. */
  readonly capturedAt: number
}

export type TenderPart = { readonly pspReference: string; readonly amountMinor: bigint }

/** What a payment can still give back; below zero is a mistake of the books, and gives nothing. */
export function refundable({
  capturedMinor,
  refundedMinor,
  inFlightMinor,
  lostDisputesMinor,
}: Tender): bigint {
  const left = capturedMinor - refundedMinor - inFlightMinor - lostDisputesMinor
  return left > 0n ? left : 0n
}

/**
 * Divides an amount among the payments it came from: gift cards get back last what they gave, since cards and
 * accounts are the customer's money, and the newest payment gives first.
 *
 * @returns `restMinor` has no payment to go back to: store credit, or a person
 */
export function allocate(
  amountMinor: bigint,
  tenders: readonly Tender[],
): { readonly parts: readonly TenderPart[]; readonly restMinor: bigint } {
  let restMinor = amountMinor
  const parts: TenderPart[] = []
  for (const tender of tenders.toSorted(inOrder)) {
    const left = refundable(tender)
    const taken = left < restMinor ? left : restMinor
    if (taken <= 0n) continue
    parts.push({ pspReference: tender.pspReference, amountMinor: taken })
    restMinor -= taken
  }
  return { parts, restMinor }
}

const GIFT = 'giftcard'

const inOrder = (a: Tender, b: Tender): number =>
  Number(isGift(a)) - Number(isGift(b)) ||
  b.capturedAt - a.capturedAt ||
  (a.pspReference < b.pspReference ? -1 : 1)

const isGift = ({ method }: Tender): boolean =>
  method.replace(/[^a-z]/gi, '').toLowerCase() === GIFT
