/** Figures of what is remembered of one ERP. */
export interface KnowledgeMetrics {
  /** @param outcome how keys were answered: from memory, from the other processes', by asking, or late because nobody could be asked */
  answered(
    kind: 'stock' | 'price',
    outcome: 'known' | 'shared' | 'asked' | 'overdue',
    keys: number,
  ): void
  /** A key was answered from memory, so long after it was known to be so. */
  aged(kind: 'stock' | 'price', ms: number): void
  /** The ERP told of changes; `lagMs` after it had been asked for those before. */
  changed(keys: number, lagMs: number): void
}
