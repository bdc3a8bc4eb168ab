import type { ConsumerPolicy, OperationPolicy, PolicySet, VersionPolicy } from '../policy-set.ts'

/** The consumers who hold every scope of an operation: those who notice when it changes. */
export function callersOf(
  { consumers }: Pick<PolicySet, 'consumers'>,
  operation: Pick<OperationPolicy, 'scopes'>,
): string[] {
  return idsOf(consumers, ({ scopes }) => operation.scopes.all.every(scope => scopes.has(scope)))
}

/** The consumers who may call something of a version. */
export const callersOfVersion = (set: PolicySet, { operations }: VersionPolicy): string[] => [
  ...new Set([...operations.values()].flatMap(operation => callersOf(set, operation))),
]

export const idsOf = (
  consumers: ReadonlyMap<string, ConsumerPolicy>,
  concerned: (consumer: ConsumerPolicy) => boolean,
): string[] => [...consumers.values()].filter(concerned).map(({ id }) => id)
