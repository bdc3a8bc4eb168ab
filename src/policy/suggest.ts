import { closest, distance } from 'fastest-levenshtein'

/** `, did you mean "burst"?` when one of the candidates is near enough to be a slip of the keyboard. */
export function didYouMean(given: string, candidates: Iterable<string>): string {
  const known = [...candidates]
  // Longer names than this are no slip, and their distance would cost more than it tells.
  if (known.length === 0 || given.length > 64) return ''
  const nearest = closest(given, known)
  const length = Math.max(given.length, nearest.length)
  // Two letters that changed places count as two.
  const allowed = length < 5 ? 1 : Math.max(2, Math.floor(length / 3))
  return distance(given, nearest) <= allowed ? `, did you mean "${nearest}"?` : ''
}
