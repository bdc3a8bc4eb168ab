/**
 * UN/ECE Recommendation 20 codes of the units that S/4HANA brings, by the code that its services tell.
 * Source: table T006 (field ISOCODE) as delivered; PCE became H87, both are pieces, our EA.
 */
const CODES: Readonly<Record<string, string>> = {
  PC: 'EA', ST: 'EA', EA: 'EA', PAA: 'PR', DZ: 'DZN',
  KG: 'KGM', G: 'GRM', MG: 'MGM', TO: 'TNE', T: 'TNE', LB: 'LBR', OZ: 'ONZ',
  L: 'LTR', ML: 'MLT', CL: 'CLT', M3: 'MTQ', CM3: 'CMQ', GAL: 'GLL',
  M: 'MTR', CM: 'CMT', MM: 'MMT', KM: 'KMT', FT: 'FOT', YD: 'YRD',
  M2: 'MTK', CM2: 'CMK', FT2: 'FTK',
  H: 'HUR', HR: 'HUR', MIN: 'MIN', S: 'SEC', DAY: 'DAY', TAG: 'DAY',
} // biome-ignore format: a table

/** Recommendation 20's "mutually defined": the unit is the ERP's own, and the settings do not name it. */
const MUTUALLY_DEFINED = 'ZZ'

/** @param named `settings.units`: for units that a company has added or renamed */
export const unitCode = (code: string, named: Readonly<Record<string, string>> = {}): string =>
  named[code] ?? CODES[code] ?? MUTUALLY_DEFINED
