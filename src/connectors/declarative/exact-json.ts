/** The standard's third argument of a reviver, which TypeScript does not know yet. */
type SourceContext = { readonly source?: string }
type Reviver = (this: unknown, key: string, value: unknown, context: SourceContext) => unknown

/** Further than any amount or quantity reaches; beyond it the text stays, and no codec takes it. */
const EXPONENT_MAX = 30

const numbersAsText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? plain(source ?? String(value)) : value

/**
 * Parses JSON with every number as the text that stood there: 12.10 and a 20-digit id arrive as
 * they were written, and 1.5E+3, as some serializers write it, as 1500.
 *
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text, numbersAsText as (key: string, value: unknown) => unknown)

/** Moves the point by the exponent. */
function plain(number: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(number)
  if (!match) return number
  const [, sign = '', whole = '', fraction = '', power] = match
  const exponent = Number(power)
  if (Math.abs(exponent) > EXPONENT_MAX) return number
  const point = whole.length + exponent
  const digits = (whole + fraction).padEnd(point, '0')
  const padded = point > 0 ? digits : '0'.repeat(1 - point) + digits
  const at = Math.max(point, 1)
  const tail = padded.slice(at).replace(/0+$/, '')
  return `${sign}${padded.slice(0, at).replace(/^0+(?=\d)/, '')}${tail && `.${tail}`}`
}
