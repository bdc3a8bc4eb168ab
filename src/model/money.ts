/**
 * An amount of money in the currency's minor unit, exact.
 *
 * @see ISO 4217 for the currencies and their exponents
 */
export type Money = { readonly minor: bigint; readonly currency: string }

/** What travels on the wire: `{ amountMinor: 12600, currency: "EUR" }`, within ±(2^53 − 1). */
export type WireMoney = { amountMinor: number; currency: string }

/** How an amount finer than a minor unit becomes one; per channel and jurisdiction. */
export type RoundingMode = 'HALF_UP' | 'HALF_EVEN'

/** ISO 4217 minor-unit exponents that differ from 2 (amendment 177). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3, BIF: 0, CLF: 4, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0,
  KRW: 0, KWD: 3, LYD: 3, OMR: 3, PYG: 0, RWF: 0, TND: 3, UGX: 0, UYI: 0, UYW: 4, VND: 0,
  VUV: 0, XAF: 0, XOF: 0, XPF: 0,
} // biome-ignore format: a table

/** Fraction digits of a currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export const currencyExponent = (currency: string): number => EXPONENTS[currency] ?? 2

/** @throws RangeError beyond what a JSON number carries exactly */
export function toWireMoney({ minor, currency }: Money): WireMoney {
  const amountMinor = Number(minor)
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError(`amount too large: ${minor}`)
  return { amountMinor, currency }
}

/**
 * A number with any count of fraction digits, exact: `digits / 10^scale`.
 * Unit prices and rates live here until a line total rounds them.
 */
export type Decimal = { readonly digits: bigint; readonly scale: number }

const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,18}))?$/

/** @throws RangeError when it is not a plain decimal string (no exponent, no separators) */
export function parseDecimal(text: string): Decimal {
  const match = DECIMAL.exec(text)
  if (!match) throw new RangeError(`not a decimal: ${JSON.stringify(text)}`)
  const [, sign, whole = '0', fraction = ''] = match
  const digits = BigInt(whole + fraction)
  return { digits: sign ? -digits : digits, scale: fraction.length }
}

/** The shortest exact decimal string. */
export function decimalText({ digits, scale }: Decimal): string {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = magnitude.slice(0, magnitude.length - scale)
  const fraction = scale ? magnitude.slice(-scale).replace(/0+$/, '') : ''
  return `${digits < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}

export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  scale: a.scale + b.scale,
})

/** Divides, rounding to an integer. HALF_UP rounds a half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive')
  const negative = numerator < 0n
  const magnitude = negative ? -numerator : numerator
  const quotient = magnitude / denominator
  const twiceRest = (magnitude % denominator) * 2n
  const up =
    twiceRest > denominator ||
    (twiceRest === denominator && (mode === 'HALF_UP' || quotient % 2n === 1n))
  const rounded = quotient + (up ? 1n : 0n)
  return negative ? -rounded : rounded
}

/** Rounds a decimal amount of major units (`14.155` EUR) to minor units (`1416`). */
export function toMinor(amount: Decimal, currency: string, mode: RoundingMode): bigint {
  const shift = currencyExponent(currency) - amount.scale
  return shift >= 0
    ? amount.digits * 10n ** BigInt(shift)
    : divideRounded(amount.digits, 10n ** BigInt(-shift), mode)
}

/** A money amount as a decimal of major units: 1490 EUR minor → `14.90`. */
export const fromMinor = ({ minor, currency }: Money): Decimal => ({
  digits: minor,
  scale: currencyExponent(currency),
})

/** Negative, zero or positive, as `a` is below, equal to or above `b`; `1.50` equals `1.5`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const difference =
    a.digits * 10n ** BigInt(scale - a.scale) - b.digits * 10n ** BigInt(scale - b.scale)
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}
