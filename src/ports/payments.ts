import type { Money } from '../model/money.ts'

/** A refund as a platform is asked for it. */
export type RefundRequest = {
  /** Our id: the idempotency key, and the merchant reference. */
  readonly refundId: string
  /** Of the payment, as the order has it. */
  readonly pspReference: string
  readonly amount: Money
}

/**
 * A refund as the platform has it. SUCCEEDED is the platform's last word, but not always the bank's: a
 * later FAILED means that the money came back.
 */
export type PlatformRefund = {
  readonly platformId: string
  readonly status: 'PENDING' | 'SUCCEEDED' | 'FAILED'
  /** Of a FAILED one, the platform's own code. */
  readonly reason?: string
}

/** `signal` ends the waiting, not what was sent: a refund cut short is `unknown`. */
export type PaymentCall = { readonly signal: AbortSignal; readonly correlationId: string }

/** Where a customer's money comes from and goes back to. */
export interface PaymentPlatform {
  readonly name: string
  /**
   * Asks for a refund. The same request sent twice is one refund; that holds for as long as the platform
   * remembers the key, and so is no reason to send again what may have been done.
   *
   * @throws PaymentFailure `declined` (never will), `unreachable` (was not done), `unknown` (may have been done)
   */
  refund(request: RefundRequest, call: PaymentCall): Promise<PlatformRefund>
  /**
   * Looks a refund up by our id: asked before anything is sent again.
   *
   * @returns undefined when the platform has none
   * @throws PaymentFailure `unreachable`: the platform could not be asked, or did not say
   */
  find(
    request: Pick<RefundRequest, 'refundId' | 'pspReference'>,
    call: PaymentCall,
  ): Promise<PlatformRefund | undefined>
  /**
   * Reads what the platform pushes.
   *
   * @param body as it came, byte for byte: the signature is over it
   * @param headers names in lower case
   * @returns undefined when the signature is wrong; nothing when the news is not about our refunds
   */
  readNews(
    body: string,
    headers: Readonly<Record<string, string | undefined>>,
  ): readonly RefundNews[] | undefined
  close(): Promise<void>
}

/** How a refund stands now. News arrives late, twice and out of order. */
export type RefundNews = {
  readonly refundId: string
  readonly status: PlatformRefund['status']
  /** A later FAILED after SUCCEEDED is a bounce. */
  readonly reason?: string
}
