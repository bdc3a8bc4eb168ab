import type { WorkClass } from '../../model/work-class.ts'
import type { Findings } from '../finding.ts'
import type { GatewayFile } from '../schema/gateway-schema.ts'
import type { YamlFile } from '../yaml-file.ts'
import { requireKnown } from './require.ts'

/** Gives each work class its share; one that the policy gives none weighs twice what the next one does. */
export function compileWorkClasses(
  file: YamlFile,
  names: readonly string[],
  shares: NonNullable<GatewayFile['workShares']>,
  findings: Findings,
): readonly WorkClass[] {
  for (const name of Object.keys(shares)) {
    requireKnown('work class', name, new Set(names), file, ['workShares', name], findings)
  }
  const floors = Object.values(shares).reduce((sum, { floor }) => sum + floor, 0)
  if (floors >= 1) {
    const message = `the floors add up to ${floors}: nothing is left to share; keep them under 1`
    findings.error(file.placeOfKey(['workShares']), 'work-floors-too-high', message)
  }
  return names.map((name, i) => ({
    name,
    weight: shares[name]?.weight ?? 2 ** (names.length - 1 - i),
    floor: shares[name]?.floor ?? 0,
  }))
}
