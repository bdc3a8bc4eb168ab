import type { Environment } from '../environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { findingText } from '../policy/finding.ts'
import { demoConsumersOf, type LoadResult } from '../policy/load.ts'
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

/** Loads the policies as this process needs them, now and after every edit. */
export interface PolicySource {
  load(): Promise<LoadResult>
  /** The demo consumers' credentials, made outside production. */
  demo(): Promise<DemoCredentials>
}

/**
 * @param sandboxPort where the embedded sandbox really listens, for `${env:POSTERN_SANDBOX_PORT}`
 */
export function createPolicySource(
  environment: Environment,
  sandboxPort: number | undefined,
): PolicySource {
  const { dataDir, policiesDir, production } = environment
  const demo = async (): Promise<DemoCredentials> =>
    production
      ? { clients: {} }
      : loadOrCreateDemoCredentials(dataDir, await demoConsumersOf(policiesDir))
  return {
    demo,
    load: async () =>
      loadPolicySet({
        directory: policiesDir,
        env: {
          ...environment.variables,
          ...(sandboxPort !== undefined && { POSTERN_SANDBOX_PORT: String(sandboxPort) }),
        },
        production,
        ownIssuer: environment.publicUrl ?? `http://${environment.host}:${environment.port}`,
        demoHashes: demoHashesOf(await demo()),
      }),
  }
}

/** @throws PolicyError when there is no set to start with */
export async function loadFirst(source: PolicySource, logger: Logger): Promise<PolicySet> {
  const result = await source.load()
  if (!result.ok) {
    throw new PolicyError(
      `the policies cannot be used:\n${result.findings.map(findingText).join('\n')}`,
    )
  }
  for (const finding of result.findings) logger.warn({ rule: finding.rule }, findingText(finding))
  return result.set
}
