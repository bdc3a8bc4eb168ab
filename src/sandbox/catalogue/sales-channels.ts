import type { TaxClass } from '../books/records.ts'

/** Distribution channels (VTWEG), and whether their prices include tax. */
export const SALES_CHANNELS = {
  web: '10',
  store: '20',
  marketplace: '30',
  b2b: '40',
} as const

export const isSalesChannel = (code: string): boolean =>
  Object.values<string>(SALES_CHANNELS).includes(code)

/** Business customers are quoted net prices. */
export const isGross = (vtweg: string): boolean => vtweg !== SALES_CHANNELS.b2b

/** Value added tax in percent, in hundredths: 19,00. */
export const TAX_PERCENT: Readonly<Record<TaxClass, number>> = { 0: 0, 1: 1900, 2: 700 }
