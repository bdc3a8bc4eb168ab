import type { GatewayPolicy } from '../policy-set.ts'
import type { GatewayFile } from '../schema/gateway-schema.ts'
import type { YamlFile } from '../yaml-file.ts'

export function compileGateway(
  file: YamlFile,
  settings: GatewayFile,
  { production, ownIssuer }: { production: boolean; ownIssuer: string },
): GatewayPolicy {
  const { responseValidation } = settings
  return Object.freeze({
    at: file.placeOf([]),
    listener: Object.freeze(settings.listener),
    ownIssuer: Object.freeze({
      at: file.placeOfKey(['ownIssuer']),
      issuer: ownIssuer,
      ...settings.ownIssuer,
    }),
    tokenIssuers: settings.tokenIssuers.map((issuer, i) =>
      Object.freeze({ at: file.placeOf(['tokenIssuers', i]), ...issuer }),
    ),
    workClasses: settings.workClasses,
    cache: Object.freeze(settings.cache),
    responseValidation:
      responseValidation === 'by-environment'
        ? production
          ? 'detect'
          : 'enforce'
        : responseValidation,
    accessLog: Object.freeze(settings.accessLog),
    trustSampling: settings.trustSampling,
  })
}
