import type { Findings } from '../finding.ts'
import { parseInstant } from '../instant.ts'
import type { ApiPolicy, LifecyclePolicy, OperationPolicy, VersionPolicy } from '../policy-set.ts'
import type { ApiFile, OperationSettings } from '../schema/api-schema.ts'
import type { Path, YamlFile } from '../yaml-file.ts'
import { compileWindows } from './compile-windows.ts'

export function compileApi(
  file: YamlFile,
  { api, owner, versions }: ApiFile,
  findings: Findings,
): ApiPolicy {
  return {
    at: file.placeOf([]),
    id: api,
    owner,
    versions: new Map(
      Object.entries(versions).map(([version, settings]) => [
        version,
        compileVersion(file, `${api}.${version}.yaml`, version, settings, findings),
      ]),
    ),
  }
}

type VersionSettings = ApiFile['versions'][string]

function compileVersion(
  file: YamlFile,
  contract: string,
  version: string,
  settings: VersionSettings,
  findings: Findings,
): VersionPolicy {
  const path: Path = ['versions', version]
  return {
    at: file.placeOfKey(path),
    version,
    contract,
    lifecycle: compileLifecycle(file, [...path, 'lifecycle'], settings.lifecycle, findings),
    operations: new Map(
      Object.entries(settings.operations).map(([operationId, operation]) => [
        operationId,
        compileOperation(file, [...path, 'operations', operationId], operationId, operation),
      ]),
    ),
  }
}

const instant = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseInstant(text)

const compileLifecycle = (
  file: YamlFile,
  path: Path,
  settings: VersionSettings['lifecycle'],
  findings: Findings,
): LifecyclePolicy => ({
  at: file.placeOfKey(path),
  state: settings.state,
  deprecatedAt: instant(settings.deprecatedAt),
  sunsetAt: instant(settings.sunsetAt),
  brownOuts: compileWindows(file, [...path, 'brownOuts'], settings.brownOuts ?? [], findings),
  previewFor: new Set(settings.previewFor),
  successor: settings.successor,
  migrationGuide: settings.migrationGuide,
})

/** What was filled together must not expire together. */
const DEFAULT_JITTER = 0.1

function compileOperation(
  file: YamlFile,
  path: Path,
  operationId: string,
  { mode, scopes, cost, timeoutMs, maxBodyBytes, cache, idempotency }: OperationSettings,
): OperationPolicy {
  const at = (key: string) => file.placeOfKey([...path, key])
  return {
    at: file.placeOfKey(path),
    operationId,
    mode,
    scopes: { at: at('scopes'), all: scopes },
    cost: { at: at('cost'), base: cost.base, perItems: cost.perItems },
    timeoutMs,
    maxBodyBytes,
    idempotency,
    cache:
      cache === 'none'
        ? undefined
        : { at: at('cache'), ...cache, jitter: cache.jitter ?? DEFAULT_JITTER },
  }
}
