import type { ParameterContract } from './contract.ts'

/** Parsed query parameters: lists as arrays, others as strings. What was given twice by mistake is told apart. */
export type ParsedQuery = {
  readonly values: Record<string, unknown>
  /** Names of parameters that may be given once but were repeated. */
  readonly repeated: readonly string[]
}

/**
 * Reads a query by the contract: a list parameter is repeated (`sku=A&sku=B`, OpenAPI style `form`
 * with `explode`), any other must stand once. Unknown names are kept for the validator to refuse.
 *
 * @param search the query text without `?`, percent-encoded as received
 */
export function parseQuery(
  search: string,
  parameters: ReadonlyMap<string, ParameterContract>,
): ParsedQuery {
  const values: Record<string, unknown> = Object.create(null)
  const repeated = new Set<string>()
  if (search !== '') {
    for (const [name, value] of new URLSearchParams(search)) {
      const present = values[name]
      if (parameters.get(name)?.isList) {
        if (Array.isArray(present)) present.push(value)
        else values[name] = [value]
      } else if (present === undefined) {
        values[name] = value
      } else if (parameters.has(name)) {
        // An unknown name is refused as such, once.
        repeated.add(name)
      }
    }
  }
  for (const { name, defaultValue } of parameters.values()) {
    if (values[name] === undefined && defaultValue !== undefined) values[name] = defaultValue
  }
  return { values, repeated: [...repeated] }
}
