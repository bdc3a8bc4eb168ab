import type { OdooSettings } from './settings.ts'

export type Unit = { readonly code: string; readonly decimals: number }

/** Units that Odoo brings, by their untranslated name: UN/ECE Recommendation 20 code, fraction digits. */
const UNITS: Readonly<Record<string, Unit>> = {
  Units: { code: 'EA', decimals: 0 },
  kg: { code: 'KGM', decimals: 3 },
  g: { code: 'GRM', decimals: 3 },
  L: { code: 'LTR', decimals: 3 },
  m: { code: 'MTR', decimals: 3 },
}

/** Recommendation 20's "mutually defined": the unit is the ERP's own, and the settings do not name it. */
const MUTUALLY_DEFINED: Unit = { code: 'ZZ', decimals: 6 }

export const unitOf = (name: string, named: OdooSettings['units'] = {}): Unit =>
  (Object.hasOwn(named, name) ? named[name] : undefined) ??
  (Object.hasOwn(UNITS, name) ? UNITS[name] : undefined) ??
  MUTUALLY_DEFINED
