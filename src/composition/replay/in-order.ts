import TinyQueue from 'tinyqueue'

/**
 * Puts lines that were written when calls ended in the order in which the calls arrived, as far as a
 * bounded memory allows.
 *
 * @param waitMs a line this much later than another is taken for later, whatever else may come
 * @param most   lines held back at most
 */
export async function* inOrderOfArrival<T extends { readonly arrivedAt: number }>(
  records: AsyncIterable<T>,
  { waitMs, most }: { waitMs: number; most: number },
): AsyncGenerator<T> {
  const held = new TinyQueue<T>([], (a, b) => a.arrivedAt - b.arrivedAt)
  let newest = Number.NEGATIVE_INFINITY
  for await (const record of records) {
    held.push(record)
    newest = Math.max(newest, record.arrivedAt)
    for (let first = held.peek(); first; first = held.peek()) {
      if (held.length <= most && first.arrivedAt > newest - waitMs) break
      held.pop()
      yield first
    }
  }
  for (let first = held.pop(); first; first = held.pop()) yield first
}
