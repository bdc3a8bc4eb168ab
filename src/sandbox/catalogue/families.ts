import type { TaxClass, Unit } from '../books/records.ts'

/** A shelf of the shop: every name is one of `things` with one of `kinds`. */
export type Family = {
  /** The two digits in front of the SKUs of this family. */
  readonly prefix: string
  readonly category: string
  readonly unit: Unit
  readonly taxClass: TaxClass
  /** Shop prices, tax included, in whole units of currency. */
  readonly priceFrom: number
  readonly priceTo: number
  /** Business customers buy small parts by the hundred. */
  readonly soldByHundred?: true
  readonly things: readonly string[]
  readonly kinds: readonly string[]
}

const words = (text: string): string[] => text.split(', ')

const FULL = { unit: 'ST', taxClass: '1' } as const
const REDUCED = { unit: 'ST', taxClass: '2' } as const

/** 540 SKUs with the T-shirts: nine families of digits, one of words. */
export const FAMILIES: readonly Family[] = [
  {
    ...FULL,
    prefix: '10',
    category: 'Apparel',
    priceFrom: 9,
    priceTo: 79,
    things: words(
      'Oxford Shirt, Chino Trousers, Rain Jacket, Wool Jumper, Linen Dress, Denim Jeans',
    ),
    kinds: words('XS, S, M, L, XL, XXL, S long, M long, L long, XL long'),
  },
  {
    ...FULL,
    prefix: '20',
    category: 'Footwear',
    priceFrom: 29,
    priceTo: 149,
    things: words('Running Shoe, Leather Boot, Canvas Sneaker, Sandal, Hiking Boot, House Slipper'),
    kinds: words('36, 37, 38, 39, 40, 41, 42, 43, 44, 45'),
  },
  {
    ...FULL,
    prefix: '30',
    category: 'Home',
    priceFrom: 5,
    priceTo: 89,
    things: words('Bath Towel, Bed Linen, Table Lamp, Storage Box, Saucepan, Cushion'),
    kinds: words(
      'white, grey, sand, navy, olive, terracotta, small white, small grey, large white, large grey',
    ),
  },
  {
    ...FULL,
    prefix: '40',
    category: 'Electronics',
    priceFrom: 12,
    priceTo: 399,
    things: words(
      'Headphones, USB-C Charger, Bluetooth Speaker, LED Bulb, Power Bank, Wireless Mouse',
    ),
    kinds: words(
      'Basic, Basic black, Plus, Plus black, Pro, Pro black, Mini, Mini black, Travel, Kids',
    ),
  },
  {
    ...FULL,
    prefix: '50',
    category: 'Hardware',
    priceFrom: 0,
    priceTo: 1,
    soldByHundred: true,
    things: words('Wood Screw, Hex Bolt, Wall Plug, Washer, Wire Nail, Cable Tie'),
    kinds: words('3 mm, 3.5 mm, 4 mm, 4.5 mm, 5 mm, 6 mm, 8 mm, 10 mm, 12 mm, 16 mm'),
  },
  {
    ...REDUCED,
    prefix: '60',
    category: 'Grocery',
    priceFrom: 1,
    priceTo: 12,
    things: words('Espresso Beans, Olive Oil, Pasta, Dark Chocolate, Green Tea, Oat Drink'),
    kinds: words(
      '250 g, 500 g, 1 kg, organic 250 g, organic 500 g, organic 1 kg, mild, strong, family pack, gift box',
    ),
  },
  {
    ...REDUCED,
    prefix: '65',
    category: 'Fresh, weighed',
    unit: 'KG',
    priceFrom: 2,
    priceTo: 29,
    things: words('Apples, Tomatoes, Mountain Cheese, Cooked Ham'),
    kinds: words(
      'regional, organic, imported, class I, class II, mature, mild, smoked, cut, whole',
    ),
  },
  {
    ...FULL,
    prefix: '70',
    category: 'Toys',
    priceFrom: 4,
    priceTo: 99,
    things: words('Building Blocks, Puzzle, Board Game, Plush Bear, Race Track, Craft Set'),
    kinds: words('2+, 3+, 4+, 5+, 6+, 7+, 8+, 10+, 12+, family'),
  },
  {
    ...REDUCED,
    prefix: '80',
    category: 'Books',
    priceFrom: 7,
    priceTo: 39,
    things: words('Crime Novel, Cookbook, Travel Guide, Picture Book, Biography, Dictionary'),
    kinds: words('vol. 1, vol. 2, vol. 3, vol. 4, vol. 5, vol. 6, vol. 7, vol. 8, vol. 9, vol. 10'),
  },
]

/** SKUs of words: what a digit-only world forgets about. */
export const TEE_SIZES: readonly string[] = ['S', 'M', 'L', 'XL']
export const TEE_COLOURS: readonly (readonly [code: string, name: string])[] = [
  ['BLK', 'black'],
  ['WHT', 'white'],
  ['NVY', 'navy'],
  ['RED', 'red'],
  ['GRN', 'green'],
]
