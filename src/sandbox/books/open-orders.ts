import type { ErpDocument, GoodsLine } from './records.ts'

/** What customers have ordered and not yet received, by material and plant. */
export class OpenOrders {
  readonly #quantities = new Map<string, number>()

  /** @param before the order as it was, where it was there */
  change(before: ErpDocument | undefined, after: ErpDocument): void {
    for (const line of openLines(before)) this.#add(line, -openQuantity(line))
    for (const line of openLines(after)) this.#add(line, openQuantity(line))
  }

  /** In thousandths. */
  quantity(matnr: string, werks: string): number {
    return this.#quantities.get(`${matnr} ${werks}`) ?? 0
  }

  #add({ matnr, werks }: GoodsLine, quantity: number): void {
    this.#quantities.set(`${matnr} ${werks}`, this.quantity(matnr, werks) + quantity)
  }
}

const openLines = (order: ErpDocument | undefined): readonly GoodsLine[] =>
  order?.type === 'order' && order.state === 'OFFEN' ? order.goods : []

/** What of an order's line has not left yet. */
export const openQuantity = ({ quantity, delivered = 0 }: GoodsLine): number => quantity - delivered
