/**
 * The three ways in which a call to a payment platform fails, each saying what the caller may do.
 *
 * - `declined`    the platform says no: it was not done, and will not be with the same content
 * - `unreachable` it was not done: ask again later, with the same content
 * - `unknown`     it may have been done: look it up by our refund id, never just send it again
 */
export type PaymentFailureKind = 'declined' | 'unreachable' | 'unknown'

export type PaymentFailureDetails = {
  /** The platform's name in the policies. */
  readonly platform: string
  /** The port's call. */
  readonly call: 'refund' | 'find'
  /** The platform's own code (`charge_already_refunded`), safe for an operator, not for a caller. */
  readonly code?: string
  /** The platform's own HTTP status, where there was one. */
  readonly receivedStatus?: number
  /** How long the platform asked us to stay away, in seconds. */
  readonly retryAfterSeconds?: number
}

/** The only error that leaves a payment platform. The message is for operators; callers never see it. */
export class PaymentFailure extends Error {
  override name = 'PaymentFailure'
  readonly kind: PaymentFailureKind
  readonly details: PaymentFailureDetails

  constructor(
    kind: PaymentFailureKind,
    message: string,
    details: PaymentFailureDetails,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.kind = kind
    this.details = details
  }
}
