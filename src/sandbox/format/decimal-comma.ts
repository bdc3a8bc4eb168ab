/**
 * Numbers as the ERP writes them: a decimal comma, no separator of thousands. Inside they are whole
 * numbers of the last place: a quantity in thousandths, an amount in hundredths.
 */
export const quantityText = (thousandths: number): string => commaText(thousandths, 3)
export const amountText = (hundredths: number): string => commaText(hundredths, 2)

/** @returns thousandths; undefined when the text is not such a number, a decimal point included */
export const parseQuantity = (text: unknown): number | undefined => parseComma(text, 3)
/** @returns hundredths; undefined when the text is not such a number */
export const parseAmount = (text: unknown): number | undefined => parseComma(text, 2)

function commaText(value: number, places: number): string {
  const digits = String(Math.abs(value)).padStart(places + 1, '0')
  return `${value < 0 ? '-' : ''}${digits.slice(0, -places)},${digits.slice(-places)}`
}

function parseComma(text: unknown, places: number): number | undefined {
  if (typeof text !== 'string') return undefined
  const match = /^(-?)(\d{1,12})(?:,(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  if (fraction.length > places) return undefined
  const value = Number(whole + fraction.padEnd(places, '0'))
  return sign && value !== 0 ? -value : value
}
