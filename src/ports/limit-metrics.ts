/** What a shared limit counter tells the operators about itself. */
export interface LimitMetrics {
  /** True while Redis does not answer and every process counts alone. */
  degraded(active: boolean): void
  /** A call was decided by the counter in this process instead of the shared one. */
  fallbackDecision(): void
}
