/** A text as OData writes it: a quote within is doubled. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

export type Query = {
  readonly set: string
  readonly filter: string
  readonly select?: readonly string[]
  readonly expand?: string
}

/** The path relative to the service. */
export const queryPath = ({ set, filter, select, expand }: Query): string =>
  [
    `${set}?$filter=${encodeURIComponent(filter)}`,
    ...(select ? [`$select=${select.join(',')}`] : []),
    ...(expand ? [`$expand=${expand}`] : []),
  ].join('&')

/**
 * OData V2 has no `in`: `(Material eq 'A' or Material eq 'B')`, and as many of these as it takes to keep
 * each filter short enough.
 *
 * @param rest   what else the filter asks for, with `and` before it
 * @param maxLength characters of the whole filter once it is encoded; a single value may exceed it
 */
export function filtersOf(
  field: string,
  values: readonly string[],
  rest: string,
  maxLength: number,
): readonly string[] {
  const or = ' or '
  const lengthOf = (text: string): number => encodeURIComponent(text).length
  const fixed = lengthOf(`()${rest}`)
  const chains: string[][] = []
  let length = Number.POSITIVE_INFINITY
  for (const value of values) {
    const term = `${field} eq ${literal(value)}`
    const added = lengthOf(or + term)
    if (length + added > maxLength) {
      chains.push([])
      length = fixed
    }
    chains.at(-1)?.push(term)
    length += added
  }
  return chains.map(chain => `(${chain.join(or)})${rest}`)
}
