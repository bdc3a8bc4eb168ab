import type { Place } from '../../kernel/place.ts'
import { fileAndLine } from '../../kernel/place.ts'
import type { Rule } from './rule.ts'

/** Each consumer is one somebody, who can do something. */
export const consumers: Rule = ({ set }, findings) => {
  const clientIds = new Map<string, Place>()
  const hashes = new Map<string, Place>()
  const needed = new Set<string>()
  for (const api of set.apis.values()) {
    for (const version of api.versions.values()) {
      for (const { scopes, cache } of version.operations.values()) {
        for (const scope of scopes.all) needed.add(scope)
        for (const trait of cache?.vary ?? []) {
          if (trait.startsWith('scope:')) needed.add(trait.slice('scope:'.length))
        }
      }
    }
  }
  const held = new Set<string>()
  for (const consumer of set.consumers.values()) {
    const { at, id, clientId, clientSecretHashes, apiKeyHashes, scopes, demo } = consumer
    const before = clientIds.get(clientId)
    if (before)
      findings.error(
        at,
        'duplicate-client-id',
        `clientId "${clientId}" is already at ${fileAndLine(before)}`,
      )
    clientIds.set(clientId, at)
    for (const { hash, at: place } of [...clientSecretHashes, ...apiKeyHashes]) {
      const twin = hashes.get(hash)
      if (twin)
        findings.error(
          place,
          'duplicate-credential',
          `the same credential is already at ${fileAndLine(twin)}`,
        )
      hashes.set(hash, place)
    }
    if (!demo && !clientSecretHashes.length && !apiKeyHashes.length) {
      findings.warning(
        at,
        'no-credentials',
        `${id} has no credential: it cannot call, unless by another issuer's token`,
      )
    }
    if (scopes.size === 0)
      findings.warning(at, 'no-calls-possible', `${id} has no scope: no call of it can succeed`)
    for (const scope of scopes) held.add(scope)
  }
  for (const api of set.apis.values()) {
    for (const version of api.versions.values()) {
      for (const { scopes, operationId } of version.operations.values()) {
        for (const scope of scopes.all.filter(s => !held.has(s))) {
          findings.warning(
            scopes.at,
            'scope-nobody-has',
            `no consumer has "${scope}": nobody can call ${operationId}`,
          )
        }
      }
    }
  }
}
