import type { Material } from '../books/records.ts'
import { toMatnr } from '../format/material-number.ts'
import { FAMILIES, type Family, TEE_COLOURS, TEE_SIZES } from './families.ts'

/** A material with what its prices are made from. */
export type Article = { readonly material: Material; readonly family: Family }

const TEES: Family = {
  prefix: 'TEE',
  category: 'Apparel',
  unit: 'ST',
  taxClass: '1',
  priceFrom: 12,
  priceTo: 19,
  things: [],
  kinds: [],
}

/** Every article of the shop, the same on every machine. */
export function createAssortment(): readonly Article[] {
  const articles: Article[] = []
  const add = (family: Family, sku: string, name: string) => {
    const { category, unit, taxClass } = family
    const gtin = gtin13(articles.length + 1)
    articles.push({
      family,
      material: { matnr: toMatnr(sku), name, category, unit, gtin, taxClass },
    })
  }
  for (const family of FAMILIES) {
    let count = 0
    for (const thing of family.things) {
      for (const kind of family.kinds) {
        count++
        add(family, `${family.prefix}${String(count).padStart(4, '0')}`, `${thing} ${kind}`)
      }
    }
  }
  for (const size of TEE_SIZES) {
    for (const [code, colour] of TEE_COLOURS) {
      add(TEES, `TEE-CLASSIC-${size}-${code}`, `Classic Tee ${colour} ${size}`)
    }
  }
  return articles
}

/**
 * A trade item number that belongs to nobody: GS1 keeps the prefix 952 for demonstrations.
 *
 * @see GS1 General Specifications, section 7.9: mod 10, weight 3 on the rightmost data digit
 */
function gtin13(serial: number): string {
  const data = `952${String(serial).padStart(9, '0')}`
  let sum = 0
  for (let i = 0; i < 12; i++) sum += Number(data[i]) * (i % 2 === 0 ? 1 : 3)
  return data + ((10 - (sum % 10)) % 10)
}
