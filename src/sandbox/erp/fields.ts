import type { Books } from '../books/books.ts'
import type { Material } from '../books/records.ts'
import { locationOf } from '../catalogue/plants.ts'
import { isSalesChannel } from '../catalogue/sales-channels.ts'
import { parseAmount, parseQuantity } from '../format/decimal-comma.ts'
import { isErpDate } from '../format/erp-date.ts'
import { ErpRejection } from './erp-message.ts'

/** A structure as it was sent; fields that the ERP does not know are ignored. */
export type Fields = Readonly<Record<string, unknown>>

/** @throws ErpRejection, as every function here, when the field is not what it should be */
export function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new ErpRejection('BAPI001', `${where}: a structure is expected`)
}

/** A table of structures, with at least one row and at most `max`. */
export function tableOf(fields: Fields, name: string, max: number): readonly Fields[] {
  const rows = fields[name]
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new ErpRejection('BAPI002', `${name}: a table with at least one row is expected`)
  }
  if (rows.length > max) {
    throw new ErpRejection('BAPI003', `${name}: ${rows.length} rows, at most ${max} are allowed`)
  }
  return rows.map((row, index) => fieldsOf(row, `${name}[${index + 1}]`))
}

export function textOf(fields: Fields, name: string, maxLength: number): string {
  const value = optionalText(fields, name, maxLength)
  if (value === '') throw new ErpRejection('BAPI004', `${name}: enter a value`)
  return value
}

/** @returns an empty text when the field is missing */
export function optionalText(fields: Fields, name: string, maxLength: number): string {
  const value = fields[name] ?? ''
  if (typeof value === 'string' && value.length <= maxLength) return value
  throw new ErpRejection(
    'BAPI005',
    `${name}: a text of at most ${maxLength} characters is expected`,
  )
}

export function dateOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (isErpDate(value)) return value
  throw new ErpRejection('BAPI006', `${name}: a date YYYYMMDD is expected`)
}

/** @returns thousandths, of either sign */
export function quantityOf(fields: Fields, name: string): number {
  const value = parseQuantity(fields[name])
  if (value !== undefined) return value
  throw new ErpRejection('BAPI007', `${name}: a quantity such as 12,000 is expected`)
}

/** @returns hundredths, not negative */
export function amountOf(fields: Fields, name: string): number {
  const value = parseAmount(fields[name])
  if (value !== undefined && value >= 0) return value
  throw new ErpRejection('BAPI008', `${name}: an amount such as 14,90 is expected`)
}

export function materialOf(fields: Fields, books: Books): Material {
  const matnr = textOf(fields, 'MATNR', 40)
  const material = books.material(matnr)
  if (material) return material
  throw new ErpRejection('M3305', `The material ${matnr} does not exist`)
}

export function plantCodeOf(fields: Fields): string {
  const werks = textOf(fields, 'WERKS', 4)
  if (locationOf(werks) !== undefined) return werks
  throw new ErpRejection('M7318', `Plant ${werks} does not exist`)
}

export function salesChannelOf(fields: Fields): string {
  const vtweg = textOf(fields, 'VTWEG', 2)
  if (isSalesChannel(vtweg)) return vtweg
  throw new ErpRejection('VP201', `Distribution channel ${vtweg} does not exist`)
}

/** Pieces come whole. @throws ErpRejection */
export function checkWholePieces(quantity: number, material: Material, name: string): void {
  if (material.unit === 'ST' && quantity % 1000 !== 0) {
    throw new ErpRejection('M7022', `${name}: unit ST takes no decimal places`)
  }
}
