/** The ERP knows plants by a code of four digits; the world calls them by a name. */
const PLANTS: readonly (readonly [werks: string, location: string])[] = [
  ['1000', 'DC-EAST'],
  ['1001', 'DC-WEST'],
  ['1002', 'STORE-12'],
  ['1003', 'STORE-27'],
  ['1004', 'STORE-31'],
  ['1005', 'STORE-44'],
  ['1006', 'DARK-03'],
  ['1007', 'OUTLET-01'],
]

export const PLANT_CODES: readonly string[] = PLANTS.map(([werks]) => werks)

const locations = new Map(PLANTS)
const plants = new Map(PLANTS.map(([werks, location]) => [location, werks]))

export const locationOf = (werks: string): string | undefined => locations.get(werks)
export const plantOf = (location: string): string | undefined => plants.get(location)
