import type { Place } from '../../kernel/place.ts'
import type { Findings } from '../finding.ts'
import { parseInstant } from '../instant.ts'
import type { ConsumerPolicy, CredentialHash, PlanPolicy } from '../policy-set.ts'
import type { ConsumerFile } from '../schema/consumer-schema.ts'
import type { YamlFile } from '../yaml-file.ts'
import { requireKnown } from './require.ts'

/** Hashes of a demo consumer's credentials, made in the data folder. */
export type DemoHashes = { readonly clientSecretHash: string; readonly apiKeyHash: string }

export type ConsumerContext = {
  readonly plans: ReadonlyMap<string, PlanPolicy>
  readonly channels: ReadonlySet<string>
  readonly regions: ReadonlySet<string>
  /** Every scope that some contract explains or asks for. */
  readonly scopes: ReadonlySet<string>
  readonly production: boolean
  demoHashes(consumerId: string): DemoHashes | undefined
  readonly findings: Findings
}

/** @returns undefined when its plan does not exist */
export function compileConsumer(
  file: YamlFile,
  settings: ConsumerFile,
  context: ConsumerContext,
): ConsumerPolicy | undefined {
  const { plans, findings } = context
  for (const key of ['channels', 'regions', 'scopes'] as const) {
    settings[key].forEach((name, i) => {
      requireKnown(key.slice(0, -1), name, context[key], file, [key, i], findings)
    })
  }
  const credentials = credentialsOf(file, settings, context)
  const plan = plans.get(settings.plan)
  if (!plan) {
    requireKnown('plan', settings.plan, new Set(plans.keys()), file, ['plan'], findings)
    return undefined
  }
  return {
    at: file.placeOf([]),
    id: settings.id,
    name: settings.name,
    contact: settings.contact,
    plan,
    scopes: new Set(settings.scopes),
    channels: new Set(settings.channels),
    regions: new Set(settings.regions),
    ...credentials,
  }
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
      const message = `demo consumers are refused in production: give ${id} credentials of its own`
      findings.error(at, 'demo-in-production', message)
    }
    const hashes = demoHashes(id)
    return {
      clientId: id,
      clientSecretHashes: hashes ? [demoHash(hashes.clientSecretHash, at)] : [],
      apiKeyHashes: hashes ? [demoHash(hashes.apiKeyHash, at)] : [],
      demo: true,
    }
  }
  const read = (kind: 'clientSecrets' | 'apiKeys'): CredentialHash[] =>
    (credentials[kind] ?? []).map(({ hash, expiresAt }, i) => ({
      at: file.placeOf(['credentials', kind, i]),
      hash,
      expiresAt: expiresAt === undefined ? undefined : parseInstant(expiresAt),
    }))
  return {
    clientId: credentials.clientId ?? id,
    clientSecretHashes: read('clientSecrets'),
    apiKeyHashes: read('apiKeys'),
    demo: false,
  }
}

const demoHash = (hash: string, at: Place): CredentialHash => ({ at, hash, expiresAt: undefined })
