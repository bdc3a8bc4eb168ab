import type { Books } from '../books/books.ts'
import type { GoodsLine } from '../books/records.ts'
import { quantityText } from '../format/decimal-comma.ts'
import { ErpRejection } from './erp-message.ts'
import {
  checkWholePieces,
  type Fields,
  materialOf,
  optionalText,
  plantCodeOf,
  quantityOf,
  tableOf,
} from './fields.ts'

export const MAX_POSITIONS = 500

/** The positions of a document that is about goods, as sent and as understood. */
export type Positions = { readonly rows: readonly Fields[]; readonly goods: readonly GoodsLine[] }

/**
 * @param quantityField `KWMENG`, `MENGE`: a quantity in the material's unit
 * @param extra         what the kind of document keeps of a row besides
 * @throws ErpRejection
 */
export function positionsOf(
  body: Fields,
  books: Books,
  quantityField: string,
  extra: (row: Fields) => Fields,
): Positions {
  const goods: GoodsLine[] = []
  const rows = tableOf(body, 'POSITIONEN', MAX_POSITIONS).map((row, index) => {
    const material = materialOf(row, books)
    const werks = plantCodeOf(row)
    const quantity = quantityOf(row, quantityField)
    checkWholePieces(quantity, material, quantityField)
    const unit = optionalText(row, 'MEINS', 3) || material.unit
    if (unit !== material.unit) {
      throw new ErpRejection(
        'M3070',
        `MEINS: material ${material.matnr} is kept in ${material.unit}`,
      )
    }
    goods.push({ matnr: material.matnr, werks, quantity })
    return {
      POSNR: String((index + 1) * 10).padStart(6, '0'),
      MATNR: material.matnr,
      WERKS: werks,
      [quantityField]: quantityText(quantity),
      MEINS: unit,
      ...extra(row),
    }
  })
  return { rows, goods }
}

/** @throws ErpRejection when goods are wanted and a line asks for none */
export function checkPositive(goods: readonly GoodsLine[], quantityField: string): void {
  if (goods.some(({ quantity }) => quantity <= 0)) {
    throw new ErpRejection('V1150', `${quantityField}: enter a quantity above zero`)
  }
}
