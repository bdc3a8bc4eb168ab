/**
 * UN/ECE Recommendation 20 codes of the units that Tryton brings, by symbol.
 * Source: trytond/modules/product/uom.xml.
 */
const CODES: Readonly<Record<string, string>> = {
  u: 'EA', kg: 'KGM', g: 'GRM', c: 'CTM', lb: 'LBR', oz: 'ONZ',
  s: 'SEC', min: 'MIN', h: 'HUR', wd: 'E49', d: 'DAY',
  m: 'MTR', km: 'KMT', cm: 'CMT', mm: 'MMT', ft: 'FOT', yd: 'YRD', in: 'INH', mi: 'SMI',
  'm³': 'MTQ', l: 'LTR', 'cm³': 'CMQ', 'in³': 'INQ', 'ft³': 'FTQ', gal: 'GLL',
  'm²': 'MTK', 'cm²': 'CMK', a: 'ARE', ha: 'HAR', 'in²': 'INK', 'ft²': 'FTK', 'yd²': 'YDK',
} // biome-ignore format: a table

/** Recommendation 20's "mutually defined": the unit is the ERP's own, and the settings do not name it. */
const MUTUALLY_DEFINED = 'ZZ'

/** @param named `settings.units`: for units that a company has added or renamed */
export const unitCode = (symbol: string, named: Readonly<Record<string, string>> = {}): string =>
  named[symbol] ?? CODES[symbol] ?? MUTUALLY_DEFINED
