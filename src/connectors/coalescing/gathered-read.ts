import type { ErpCall } from '../../ports/erp.ts'

/** A batched read, and which of its questions may be asked together. */
export type GatheredRead<Key, Row> = {
  /** The connection's name in the policies. */
  readonly connection: string
  /** `inventory.readStock` */
  readonly name: string
  readonly maxKeys: number
  /** Only keys of one lane share a batch: a row must say by itself which of them it answers. */
  laneOf(key: Key): string
  /** Unlike any other key of the lane. */
  keyText(key: Key): string
  /** The `keyText` of the key that a row of the lane answers. */
  rowText(row: Row): string
  read(keys: readonly Key[], call: ErpCall): Promise<readonly Row[]>
}
