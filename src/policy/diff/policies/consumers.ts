import type { ConsumerPolicy, CredentialHash } from '../../policy-set.ts'
import { added, type Report } from '../change.ts'
import { comparePlans } from './plans.ts'

/** Changes of credentials begin so: they may be made at any time, a revocation above all. */
export const CREDENTIAL_RULE = 'credential-'

/** Compares what one consumer is, may do, and proves itself by. */
export function compareConsumers(
  before: ConsumerPolicy,
  after: ConsumerPolicy,
  report: Report,
): void {
  if (before.plan.id !== after.plan.id) {
    report('risky', 'plan-changed', `plan was ${before.plan.id}, is now ${after.plan.id}`)
    comparePlans(before.plan, after.plan, (rank, rule, message) =>
      report(rank, rule, `by its new plan, ${message}`),
    )
  }
  for (const [what, of] of [
    ['scope', ({ scopes }: ConsumerPolicy) => scopes],
    ['channel', ({ channels }: ConsumerPolicy) => channels],
    ['region', ({ regions }: ConsumerPolicy) => regions],
  ] as const) {
    const [old, now] = [of(before), of(after)]
    for (const name of added(now, old))
      report('breaking', `${what}-withdrawn`, `loses ${what} ${name}`)
    for (const name of added(old, now)) report('safe', `${what}-granted`, `gets ${what} ${name}`)
  }
  if (before.clientId !== after.clientId) {
    report('breaking', `${CREDENTIAL_RULE}client-id-changed`, `clientId is ${after.clientId} now`)
  }
  compareCredentials('client secret', before.clientSecretHashes, after.clientSecretHashes, report)
  compareCredentials('API key', before.apiKeyHashes, after.apiKeyHashes, report)
  if (before.contact !== after.contact || before.name !== after.name) {
    report('safe', 'consumer-renamed', 'its name or contact changes')
  }
}

/** @param what `API key`; hashes are told by their first digits only */
function compareCredentials(
  what: string,
  before: readonly CredentialHash[],
  after: readonly CredentialHash[],
  report: Report,
): void {
  const byHash = (hashes: readonly CredentialHash[]) =>
    new Map(hashes.map(credential => [credential.hash, credential]))
  const [old, now] = [byHash(before), byHash(after)]
  for (const hash of added(now.keys(), old.keys())) {
    report(
      'breaking',
      `${CREDENTIAL_RULE}revoked`,
      `${what} ${short(hash)} is not accepted any more`,
    )
  }
  for (const hash of added(old.keys(), now.keys())) {
    report('safe', `${CREDENTIAL_RULE}added`, `${what} ${short(hash)} is accepted now`)
  }
  for (const [hash, { expiresAt }] of now) {
    const earlier = old.get(hash)
    if (!earlier || earlier.expiresAt === expiresAt) continue
    const nearer = (expiresAt ?? Infinity) < (earlier.expiresAt ?? Infinity)
    report(
      nearer ? 'risky' : 'safe',
      `${CREDENTIAL_RULE}expiry-changed`,
      `${what} ${short(hash)} ends ${expiresAt === undefined ? 'never' : new Date(expiresAt).toISOString()}`,
    )
  }
}

const short = (hash: string): string => hash.slice(0, 'sha256:'.length + 8)
