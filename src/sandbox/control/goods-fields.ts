import type { Books } from '../books/books.ts'
import type { Material } from '../books/records.ts'
import { plantOf } from '../catalogue/plants.ts'
import { toMatnr } from '../format/material-number.ts'
import { ControlRefusal } from './control-call.ts'

type Fields = Readonly<Record<string, unknown>>

/** The material that `sku` names. @throws ControlRefusal, as all here */
export function materialNamed({ sku }: Fields, books: Books): Material {
  const material = typeof sku === 'string' ? books.material(toMatnr(sku)) : undefined
  if (material) return material
  throw new ControlRefusal(400, `sku: there is no SKU ${JSON.stringify(sku)}`)
}

/** The plant that `location` names. */
export function plantNamed({ location }: Fields): string {
  const werks = typeof location === 'string' ? plantOf(location) : undefined
  if (werks !== undefined) return werks
  throw new ControlRefusal(400, `location: there is no location ${JSON.stringify(location)}`)
}

/** A quantity of a material as people write it, in thousandths. */
export function quantityNamed(fields: Fields, name: string, { unit }: Material): number {
  const quantity = thousandths(fields[name])
  if (quantity !== undefined && (unit !== 'ST' || quantity % 1000 === 0)) return quantity
  const grain = unit === 'ST' ? 'whole pieces' : 'at most three decimals'
  throw new ControlRefusal(400, `${name}: must be a number from 0 to 999999999, ${grain}`)
}

/** Of a number, or of its text with a decimal point; undefined when it is neither, or too fine. */
function thousandths(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(String(value))
  return match ? Number((match[1] ?? '') + (match[2] ?? '').padEnd(3, '0')) : undefined
}
