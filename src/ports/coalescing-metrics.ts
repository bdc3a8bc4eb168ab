/** What a connection's coalescing tells of itself. The coalescing ratio is keys asked over keys sent. */
export interface CoalescingMetrics {
  /** A caller asked for so many keys. */
  asked(call: string, keys: number): void
  /** One batch of so many keys was sent to the ERP. */
  sent(call: string, keys: number): void
}
