import type { ApiPolicy, LifecyclePolicy, OperationPolicy, VersionPolicy } from '../policy-set.ts'
import type { ApiFile, OperationSettings } from '../schema/api-schema.ts'
import type { Path, YamlFile } from '../yaml-file.ts'

export function compileApi(file: YamlFile, settings: ApiFile): ApiPolicy {
  const versions = Object.entries(settings.versions).map(([version, policy]) => {
    const path: Path = ['versions', version]
    const operations = Object.entries(policy.operations).map(
      ([operationId, operation]): [string, OperationPolicy] => [
        operationId,
        compileOperation(file, [...path, 'operations', operationId], operationId, operation),
      ],
    )
    const compiled: VersionPolicy = {
      at: file.placeOfKey(path),
      version,
      contract: `${settings.api}.${version}.yaml`,
      lifecycle: compileLifecycle(file, [...path, 'lifecycle'], policy.lifecycle),
      operations: new Map(operations),
    }
    return [version, Object.freeze(compiled)] as const
  })
  return Object.freeze({
    at: file.placeOf([]),
    id: settings.api,
    owner: Object.freeze(settings.owner),
    versions: new Map(versions),
  })
}

const DEFAULT_JITTER = 0.1

const instant = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text)

function compileLifecycle(
  file: YamlFile,
  path: Path,
  settings: ApiFile['versions'][string]['lifecycle'],
): LifecyclePolicy {
  return Object.freeze({
    at: file.placeOf(path),
    state: settings.state,
    deprecatedAt: instant(settings.deprecatedAt),
    sunsetAt: instant(settings.sunsetAt),
    successor: settings.successor,
    migrationGuide: settings.migrationGuide,
  })
}

function compileOperation(
  file: YamlFile,
  path: Path,
  operationId: string,
  settings: OperationSettings,
): OperationPolicy {
  const { scopes, cost, cache, mode, timeoutMs, maxBodyBytes } = settings
  return Object.freeze({
    at: file.placeOfKey(path),
    operationId,
    mode,
    scopes: Object.freeze({ at: file.placeOfKey([...path, 'scopes']), all: scopes }),
    cost: Object.freeze({
      at: file.placeOfKey([...path, 'cost']),
      base: cost.base,
      perItems: cost.perItems,
    }),
    timeoutMs,
    maxBodyBytes,
    cache:
      cache === 'none'
        ? undefined
        : Object.freeze({
            at: file.placeOfKey([...path, 'cache']),
            ...cache,
            jitter: cache.jitter ?? DEFAULT_JITTER,
          }),
  })
}
