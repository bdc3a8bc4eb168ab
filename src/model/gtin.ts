/**
 * Normalises a GS1 trade item number to 14 digits.
 *
 * @returns the GTIN left-padded to 14, or undefined when its form or check digit is wrong
 * @see GS1 General Specifications, section 7.9: mod 10, weight 3 on the rightmost data digit
 */
export function normalizeGtin(text: string): string | undefined {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return undefined
  const padded = text.padStart(14, '0')
  let sum = 0
  for (let i = 0; i < 14; i++) sum += Number(padded[i]) * (i % 2 === 0 ? 3 : 1)
  return sum % 10 === 0 ? padded : undefined
}
