import type { ConnectorDescription } from '../connector-description.ts'
import type { ContractIndex } from '../contract-index.ts'
import type { Findings } from '../finding.ts'
import type { PolicySet } from '../policy-set.ts'
import type { FileKind } from '../read-files.ts'

/** What a rule may look at. */
export type RuleContext = {
  readonly set: PolicySet
  /** Kinds of which some file is broken: what seems to be missing may stand there. */
  readonly incomplete: ReadonlySet<FileKind>
  readonly contracts: ContractIndex
  /** The operationIds that something serves. */
  readonly handlers: ReadonlySet<string>
  readonly connectors: ReadonlyMap<string, ConnectorDescription>
  /** Epoch ms. */
  readonly now: number
}

/** Looks for one kind of mistake across the whole set. */
export type Rule = (context: RuleContext, findings: Findings) => void
