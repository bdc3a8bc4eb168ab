import type { Findings } from '../finding.ts'
import { parseInstant } from '../instant.ts'
import type { GatewayPolicy } from '../policy-set.ts'
import type { GatewayFile } from '../schema/gateway-schema.ts'
import type { YamlFile } from '../yaml-file.ts'
import { compileWindows } from './compile-windows.ts'
import { compileWorkClasses } from './compile-work-classes.ts'

/** @param environment whether this is production, and the name that our own tokens are issued under */
export function compileGateway(
  file: YamlFile,
  settings: GatewayFile,
  environment: { readonly production: boolean; readonly ownIssuer: string },
  findings: Findings,
): GatewayPolicy {
  const byEnvironment = environment.production ? 'detect' : 'enforce'
  const { calendars = {}, freezes = [], freezeOverride, workShares = {}, ...rest } = settings
  return {
    ...rest,
    workClasses: compileWorkClasses(file, settings.workClasses, workShares, findings),
    calendars: new Map(
      Object.entries(calendars).map(([name, windows]) => [
        name,
        compileWindows(file, ['calendars', name], windows, findings),
      ]),
    ),
    shedding: settings.shedding && {
      ...settings.shedding,
      at: file.placeOfKey(['shedding']),
    },
    freezes: compileWindows(file, ['freezes'], freezes, findings),
    freezeOverride: freezeOverride && {
      ...freezeOverride,
      at: file.placeOfKey(['freezeOverride']),
      until: parseInstant(freezeOverride.until) ?? 0,
    },
    at: file.placeOf([]),
    ownIssuer: {
      ...settings.ownIssuer,
      at: file.placeOfKey(['ownIssuer']),
      issuer: environment.ownIssuer,
    },
    tokenIssuers: settings.tokenIssuers.map((issuer, i) => ({
      ...issuer,
      at: file.placeOf(['tokenIssuers', i]),
    })),
    responseValidation:
      settings.responseValidation === 'by-environment'
        ? byEnvironment
        : settings.responseValidation,
  }
}
