/** Figures of what is remembered of one ERP. */
export interface KnowledgeMetrics {
  /** @param outcome how keys were answered: from memory, by asking, or late because nobody could be asked */
  answered(kind: 'stock' | 'price', outcome: 'known' | 'asked' | 'overdue', keys: number): void
  /** The ERP told of changes; `lagMs` after it had been asked for those before. */
  changed(keys: number, lagMs: number): void
}
