import type { Environment } from '../environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { findingText } from '../policy/finding.ts'
import { demoConsumersOf } from '../policy/load.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import {
  type DemoCredentials,
  demoHashesOf,
  loadOrCreateDemoCredentials,
} from '../portal/demo-credentials.ts'
import { loadPolicySet } from './load-policy-set.ts'

/** The policies cannot be used; the message lists every finding, one a line. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}

/**
 * Loads the policies for this process, making the demo consumers' credentials outside production.
 *
 * @param sandboxPort where the embedded sandbox really listens, for `${env:POSTERN_SANDBOX_PORT}`
 * @throws PolicyError
 */
export async function loadGoverned(
  environment: Environment,
  sandboxPort: number | undefined,
  logger: Logger,
): Promise<{ policies: PolicySet; demo: DemoCredentials }> {
  const { dataDir, policiesDir, production } = environment
  const demo = production
    ? { clients: {} }
    : await loadOrCreateDemoCredentials(dataDir, await demoConsumersOf(policiesDir))
  const result = await loadPolicySet({
    directory: policiesDir,
    env: {
      ...environment.variables,
      ...(sandboxPort !== undefined && { POSTERN_SANDBOX_PORT: String(sandboxPort) }),
    },
    production,
    ownIssuer: environment.publicUrl ?? `http://${environment.host}:${environment.port}`,
    demoHashes: demoHashesOf(demo),
  })
  if (!result.ok) {
    throw new PolicyError(
      `the policies cannot be used:\n${result.findings.map(findingText).join('\n')}`,
    )
  }
  for (const finding of result.findings) logger.warn({ rule: finding.rule }, findingText(finding))
  return { policies: result.set, demo }
}
