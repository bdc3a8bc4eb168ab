/** What the ERP keeps. Quantities are thousandths, amounts hundredths of the currency unit. */

/** ST is a piece, KG a kilogram. */
export type Unit = 'ST' | 'KG'

export type Material = {
  readonly matnr: string
  readonly name: string
  readonly category: string
  readonly unit: Unit
  /** GTIN-13. */
  readonly gtin: string
  /** 1 full, 2 reduced, 0 none. */
  readonly taxClass: TaxClass
}
export type TaxClass = '0' | '1' | '2'

/** Unrestricted-use stock of a material at a plant. */
export type StockLevel = {
  readonly matnr: string
  readonly werks: string
  readonly quantity: number
  /** The next delivery, where one is on order. */
  readonly supply?: { readonly date: string; readonly quantity: number }
}

/** A condition record: a price for a sales channel, currency and customer group, for a time. */
export type PriceRecord = {
  readonly knumh: string
  readonly matnr: string
  readonly vtweg: string
  readonly currency: string
  /** Empty for the channel's list price. */
  readonly konda: string
  /** First and last day, both included. */
  readonly from: string
  readonly to: string
  /** The amounts are for so many units: 1, or 100 for small parts. */
  readonly per: number
  /** By rising quantity; the first one is where the price begins. */
  readonly scales: readonly { readonly from: number; readonly amount: number }[]
  /** The price that is struck through. */
  readonly was?: number
}

export const DOCUMENT_TYPES = ['order', 'return', 'credit', 'movement', 'journal'] as const
export type DocumentType = (typeof DOCUMENT_TYPES)[number]

export type DocumentState = 'OFFEN' | 'GELIEFERT' | 'FAKTURIERT' | 'STORNIERT' | 'GEBUCHT'

export type GoodsLine = {
  readonly matnr: string
  readonly werks: string
  readonly quantity: number
  /** Of an order's line: how much of it has left. */
  readonly delivered?: number
}

export type ErpDocument = {
  readonly type: DocumentType
  readonly number: string
  /** What the other system calls it. The ERP does not mind the same one twice. */
  readonly reference: string
  readonly state: DocumentState
  /** Epoch ms. */
  readonly createdAt: number
  /** The fields it was posted with, as the ERP names them. */
  readonly content: Readonly<Record<string, unknown>>
  readonly goods: readonly GoodsLine[]
  /** Sequence number of the posting that it is as it is by. */
  readonly seq?: number
}

/** All that a fresh system is delivered with. */
export type MasterData = {
  readonly materials: readonly Material[]
  readonly stock: readonly StockLevel[]
  readonly prices: readonly PriceRecord[]
}
