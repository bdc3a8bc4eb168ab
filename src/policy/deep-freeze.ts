/**
 * Freezes a value and everything in it. Maps and sets cannot be frozen; what they hold is, and their
 * types are read-only.
 */
export function deepFreeze<T>(value: T, seen = new WeakSet<object>()): T {
  if (value === null || typeof value !== 'object' || seen.has(value)) return value
  seen.add(value)
  Object.freeze(value)
  for (const member of value instanceof Map ? value.values() : Object.values(value)) {
    deepFreeze(member, seen)
  }
  return value
}
