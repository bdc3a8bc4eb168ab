import type { ErpCall } from '../../ports/erp.ts'

/** Splits a read over batches of at most `size` keys, asked at the same time; their rows are joined. */
export const inBatches =
  <Key, Row>(
    size: number,
    read: (keys: readonly Key[], call: ErpCall) => Promise<readonly Row[]>,
  ): ((keys: readonly Key[], call: ErpCall) => Promise<readonly Row[]>) =>
  async (keys, call) => {
    if (keys.length === 0) return []
    if (keys.length <= size) return read(keys, call)
    const batches: Promise<readonly Row[]>[] = []
    for (let i = 0; i < keys.length; i += size) batches.push(read(keys.slice(i, i + size), call))
    return (await Promise.all(batches)).flat()
  }
