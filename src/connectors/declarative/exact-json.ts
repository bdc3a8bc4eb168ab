/** The standard's third argument of a reviver, which TypeScript does not know yet. */
type SourceContext = { readonly source?: string }
type Reviver = (this: unknown, key: string, value: unknown, context: SourceContext) => unknown

const numbersAsText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? (source ?? String(value)) : value

/**
 * Parses JSON with every number as the text that stood there: 12.10 and a 20-digit id arrive as
 * they were written.
 *
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text, numbersAsText as (key: string, value: unknown) => unknown)
