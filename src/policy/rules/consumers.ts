import { fileAndLine, type Place } from '../../kernel/place.ts'
import type { Findings } from '../finding.ts'
import type { ConsumerPolicy, PolicySet } from '../policy-set.ts'
import type { Rule } from './rule.ts'

/** Each consumer is one somebody, who can do something. */
export const consumers: Rule = ({ set, incomplete, now }, findings) => {
  const clientIds = new Map<string, Place>()
  const hashes = new Map<string, Place>()
  for (const consumer of set.consumers.values()) {
    mustBeUnique(consumer, clientIds, hashes, findings)
    mustBeAble(consumer, findings)
    credentialsMustLast(consumer, now, findings)
    if (!incomplete.has('apis')) callsMustBePossible(consumer, set, findings)
  }
  if (!incomplete.has('consumers')) scopesAreHeld(set, findings)
}

function mustBeUnique(
  { at, clientId, clientSecretHashes, apiKeyHashes }: ConsumerPolicy,
  clientIds: Map<string, Place>,
  hashes: Map<string, Place>,
  findings: Findings,
): void {
  const namesake = clientIds.get(clientId)
  if (namesake) {
    const message = `clientId "${clientId}" is already at ${fileAndLine(namesake)}`
    findings.error(at, 'duplicate-client-id', message)
  }
  clientIds.set(clientId, at)
  for (const { hash, at: place } of [...clientSecretHashes, ...apiKeyHashes]) {
    const twin = hashes.get(hash)
    if (twin) {
      const message = `the same credential is already at ${fileAndLine(twin)}`
      findings.error(place, 'duplicate-credential', message)
    }
    hashes.set(hash, place)
  }
}

function mustBeAble(
  { at, id, demo, clientSecretHashes, apiKeyHashes, scopes }: ConsumerPolicy,
  findings: Findings,
): void {
  if (!demo && !clientSecretHashes.length && !apiKeyHashes.length) {
    const message = `${id} has no credential: it cannot call, unless by another issuer's token`
    findings.warning(at, 'no-credentials', message)
  }
  if (scopes.size === 0) {
    findings.warning(at, 'no-scopes', `${id} has no scope: no call of it can succeed`)
  }
}

function credentialsMustLast(
  { id, clientSecretHashes, apiKeyHashes }: ConsumerPolicy,
  now: number,
  findings: Findings,
): void {
  for (const { at, expiresAt } of [...clientSecretHashes, ...apiKeyHashes]) {
    if (expiresAt === undefined || expiresAt > now) continue
    const message = `this credential of ${id} has expired: remove it`
    findings.warning(at, 'credential-expired', message)
  }
}

/** Scopes that open no operation, and a reach of nothing, are mistakes that nobody notices until go-live. */
function callsMustBePossible(
  { at, id, scopes, channels, regions }: ConsumerPolicy,
  { apis }: PolicySet,
  findings: Findings,
): void {
  const operations = [...apis.values()].flatMap(({ versions }) =>
    [...versions.values()].flatMap(version => [...version.operations.values()]),
  )
  const open = operations.some(operation => operation.scopes.all.every(scope => scopes.has(scope)))
  if (scopes.size > 0 && !open) {
    const message = `the scopes of ${id} open no operation: no call of it can succeed`
    findings.warning(at, 'no-calls-possible', message)
  }
  if (channels.size === 0 && regions.size === 0) {
    const message = `${id} may act for no channel and in no region`
    findings.warning(at, 'no-reach', message)
  }
}

function scopesAreHeld({ apis, consumers }: PolicySet, findings: Findings): void {
  const held = new Set([...consumers.values()].flatMap(({ scopes }) => [...scopes]))
  for (const { versions } of apis.values()) {
    for (const { operations } of versions.values()) {
      for (const { scopes, operationId } of operations.values()) {
        for (const scope of scopes.all.filter(name => !held.has(name))) {
          const message = `no consumer has "${scope}": nobody can call ${operationId}`
          findings.warning(scopes.at, 'scope-nobody-has', message)
        }
      }
    }
  }
}
