import type { AuditEntry, AuditRecord } from '../model/audit.ts'

/** The append-only record of administration. */
export interface AuditTrail {
  /**
   * Adds an entry at the end of the chain. A policy change that another process of the same gateway has
   * recorded already (same action, same revisions, as the last change of policies) is not added again.
   *
   * @returns undefined where it is recorded already
   */
  append(entry: AuditEntry): Promise<AuditRecord | undefined>
  /** @returns records with a greater `seq`, in order, at most `limit` */
  read(after: number, limit: number): Promise<readonly AuditRecord[]>
}
