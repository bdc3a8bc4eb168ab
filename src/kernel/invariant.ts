/** Thrown where the code itself is wrong; the caller sees only `internal` with a correlation id. */
export class InvariantError extends Error {
  override name = 'InvariantError'
}

/** Crashes the request, not the process, when something that cannot be is. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
