import type { GatewayPolicy } from '../policy-set.ts'
import type { GatewayFile } from '../schema/gateway-schema.ts'
import type { YamlFile } from '../yaml-file.ts'

/** @param environment whether this is production, and the name that our own tokens are issued under */
export function compileGateway(
  file: YamlFile,
  settings: GatewayFile,
  environment: { readonly production: boolean; readonly ownIssuer: string },
): GatewayPolicy {
  const byEnvironment = environment.production ? 'detect' : 'enforce'
  return {
    ...settings,
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
