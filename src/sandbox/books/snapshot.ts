import type { LogEntry } from './change-log.ts'
import type { DocumentType, ErpDocument, MasterData } from './records.ts'

export const FORMAT = 'postern-sandbox/1'

/** The books at one instant: the first line of the journal. */
export type Snapshot = MasterData & {
  readonly format: typeof FORMAT
  readonly seq: number
  readonly documents: readonly ErpDocument[]
  readonly nextNumbers: Readonly<Record<DocumentType, number>>
  readonly log: { readonly floor: number; readonly entries: readonly LogEntry[] }
}

/** The file is our own; what needs telling apart is one from another release. @throws Error */
export function parseSnapshot(line: unknown): Snapshot {
  const snapshot = line as Partial<Snapshot> | null
  if (snapshot?.format === FORMAT) return snapshot as Snapshot
  throw new Error(
    `the sandbox's books are not of the form "${FORMAT}"; move them away to start afresh`,
  )
}
