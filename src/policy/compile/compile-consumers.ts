import type { Place } from '../../kernel/place.ts'
import type { Channel, Location } from '../../model/network.ts'
import type { Findings } from '../finding.ts'
import type { ConsumerPolicy, CredentialHash, PlanPolicy } from '../policy-set.ts'
import type { ConsumerFile } from '../schema/consumer-schema.ts'
import { didYouMean } from '../suggest.ts'
import type { Path, YamlFile } from '../yaml-file.ts'

/** Hashes of a demo consumer's credentials, made in the data folder. */
export type DemoHashes = { readonly clientSecretHash: string; readonly apiKeyHash: string }

export type ConsumerContext = {
  readonly plans: ReadonlyMap<string, PlanPolicy>
  readonly channels: ReadonlyMap<string, Channel>
  readonly locations: ReadonlyMap<string, Location>
  readonly production: boolean
  demoHashes(consumerId: string): DemoHashes | undefined
  readonly findings: Findings
}

/** @returns undefined when what it refers to does not exist */
export function compileConsumer(
  file: YamlFile,
  settings: ConsumerFile,
  context: ConsumerContext,
): ConsumerPolicy | undefined {
  const { plans, channels, findings } = context
  const regions = new Set([...context.locations.values()].map(({ region }) => region))
  requireKnown(file, ['channels'], settings.channels, channels.keys(), 'channel', findings)
  requireKnown(file, ['regions'], settings.regions, regions, 'region', findings)
  const plan = plans.get(settings.plan)
  if (!plan) {
    findings.error(
      file.placeOf(['plan']),
      'unknown-plan',
      `there is no plan "${settings.plan}"${didYouMean(settings.plan, plans.keys())}`,
    )
    return undefined
  }
  return Object.freeze({
    at: file.placeOf([]),
    id: settings.id,
    name: settings.name,
    contact: settings.contact,
    plan,
    scopes: new Set(settings.scopes),
    channels: new Set(settings.channels),
    regions: new Set(settings.regions),
    ...credentialsOf(file, settings, context),
  })
}

type Credentials = Pick<ConsumerPolicy, 'clientId' | 'clientSecretHashes' | 'apiKeyHashes' | 'demo'>

function credentialsOf(
  file: YamlFile,
  { id, credentials }: ConsumerFile,
  { production, demoHashes, findings }: ConsumerContext,
): Credentials {
  const at = file.placeOf(['credentials'])
  if (credentials === 'demo') {
    if (production) {
      findings.error(at, 'demo-in-production', 'demo consumers are refused in production')
    }
    const hashes = demoHashes(id)
    return {
      clientId: id,
      clientSecretHashes: hashes ? [hashOf(hashes.clientSecretHash, at)] : [],
      apiKeyHashes: hashes ? [hashOf(hashes.apiKeyHash, at)] : [],
      demo: true,
    }
  }
  const read = (kind: 'clientSecrets' | 'apiKeys'): CredentialHash[] =>
    (credentials[kind] ?? []).map(({ hash, expiresAt }, i) => ({
      at: file.placeOf(['credentials', kind, i]),
      hash,
      expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
    }))
  return {
    clientId: credentials.clientId ?? id,
    clientSecretHashes: read('clientSecrets'),
    apiKeyHashes: read('apiKeys'),
    demo: false,
  }
}

const hashOf = (hash: string, at: Place): CredentialHash => ({ at, hash, expiresAt: undefined })

function requireKnown(
  file: YamlFile,
  path: Path,
  names: readonly string[],
  known: Iterable<string>,
  what: string,
  findings: Findings,
): void {
  const candidates = new Set(known)
  names.forEach((name, i) => {
    if (candidates.has(name)) return
    findings.error(
      file.placeOf([...path, i]),
      `unknown-${what}`,
      `there is no ${what} "${name}"${didYouMean(name, candidates)}`,
    )
  })
}
