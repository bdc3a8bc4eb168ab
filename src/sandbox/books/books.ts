import type { Clock } from '../../kernel/clock.ts'
import { firstDay } from '../catalogue/first-day.ts'
import { erpDate } from '../format/erp-date.ts'
import { type ChangedKey, type ChangedOrder, ChangeLog } from './change-log.ts'
import { DocumentFile } from './document-file.ts'
import type { JournalFile } from './journal-file.ts'
import { OpenOrders } from './open-orders.ts'
import type { ErpDocument, Material, PriceRecord, StockLevel } from './records.ts'
import { FORMAT, parseSnapshot, type Snapshot } from './snapshot.ts'

/** Everything that one posting changes; it happens whole or not at all. */
export type Posting = {
  readonly stock?: readonly StockLevel[]
  /** All records of a material, in place of those it had. */
  readonly prices?: readonly { readonly matnr: string; readonly records: readonly PriceRecord[] }[]
  readonly documents?: readonly ErpDocument[]
}

type NumberedPosting = Posting & { readonly seq: number; readonly at: number }

export type BooksOptions = {
  readonly journal: JournalFile
  readonly clock: Clock
  /** True: stock is told less what is on order. False: stock as it lies there. */
  readonly isNetOfOrders: boolean
}

/** The ERP's books: read from memory, written to the journal before anybody is told. */
export class Books {
  readonly #options: BooksOptions
  #seq = 0
  #materials = new Map<string, Material>()
  #stock = new Map<string, StockLevel>()
  #prices = new Map<string, readonly PriceRecord[]>()
  #lastKnumh = 0
  #documents = new DocumentFile()
  #openOrders = new OpenOrders()
  #log = new ChangeLog(0, [])

  /** Reads the journal, or begins it. @throws Error when it is not one of ours */
  constructor(options: BooksOptions) {
    this.#options = options
    const [first, ...postings] = options.journal.lines
    this.#load(first === undefined ? this.#fresh(0) : parseSnapshot(first))
    for (const posting of postings) this.#apply(posting as NumberedPosting)
    if (first === undefined || postings.length) options.journal.replaceWith(this.#snapshot())
  }

  /** The number of the latest posting: whatever is read now contains it and all before. */
  get seq(): number {
    return this.#seq
  }

  get now(): number {
    return this.#options.clock.now()
  }

  get documents(): Omit<DocumentFile, 'put'> {
    return this.#documents
  }

  get log(): Omit<ChangeLog, 'add'> {
    return this.#log
  }

  material(matnr: string): Material | undefined {
    return this.#materials.get(matnr)
  }

  prices(matnr: string): readonly PriceRecord[] {
    return this.#prices.get(matnr) ?? []
  }

  /** The number for a new condition record. */
  nextKnumh(): string {
    return String(this.#lastKnumh + 1).padStart(10, '0')
  }

  /** As it lies there. */
  physicalStock(matnr: string, werks: string): StockLevel | undefined {
    return this.#stock.get(`${matnr} ${werks}`)
  }

  /** As the ERP tells it to others. */
  statedStock(matnr: string, werks: string): StockLevel | undefined {
    const level = this.physicalStock(matnr, werks)
    if (!level || !this.#options.isNetOfOrders) return level
    return { ...level, quantity: level.quantity - this.#openOrders.quantity(matnr, werks) }
  }

  allStock(): IteratorObject<StockLevel> {
    return this.#stock.values()
  }

  /** @returns the posting's sequence number. @throws Error when the journal cannot be written */
  post(posting: Posting): number {
    const numbered: NumberedPosting = { seq: this.#seq + 1, at: this.now, ...posting }
    this.#options.journal.append(numbered)
    this.#apply(numbered)
    return numbered.seq
  }

  /**
   * The first day again. Sequence and document numbers go on from where they were: a reader that
   * ignores older numbers would otherwise ignore everything from now on.
   */
  reset(): void {
    this.#load({ ...this.#fresh(this.#seq + 1), nextNumbers: this.#documents.nextNumbers })
    this.#options.journal.replaceWith(this.#snapshot())
  }

  #apply({ seq, at, stock = [], prices = [], documents = [] }: NumberedPosting): void {
    this.#seq = seq
    const keys: ChangedKey[] = []
    const orders: ChangedOrder[] = []
    for (const level of stock) {
      this.#setStock(level)
      keys.push({ matnr: level.matnr, werks: level.werks })
    }
    for (const { matnr, records } of prices) {
      this.#setPrices(matnr, records)
      keys.push({ matnr })
    }
    for (const document of documents) {
      this.#openOrders.change(this.#documents.find(document.type, document.number), document)
      this.#documents.put({ ...document, seq })
      if (document.type !== 'order') continue
      orders.push({ number: document.number, reference: document.reference })
      if (this.#options.isNetOfOrders) keys.push(...document.goods)
    }
    if (keys.length || orders.length) this.#log.add({ seq, at, keys: distinct(keys), orders })
  }

  #setStock(level: StockLevel): void {
    this.#stock.set(`${level.matnr} ${level.werks}`, level)
  }

  #setPrices(matnr: string, records: readonly PriceRecord[]): void {
    this.#prices.set(matnr, records)
    for (const { knumh } of records) this.#lastKnumh = Math.max(this.#lastKnumh, Number(knumh))
  }

  #load(snapshot: Snapshot): void {
    this.#seq = snapshot.seq
    this.#materials = new Map(snapshot.materials.map(material => [material.matnr, material]))
    this.#stock = new Map()
    for (const level of snapshot.stock) this.#setStock(level)
    this.#prices = new Map()
    const byMaterial = Map.groupBy(snapshot.prices, ({ matnr }) => matnr)
    for (const [matnr, records] of byMaterial) this.#setPrices(matnr, records)
    this.#documents = new DocumentFile(snapshot.nextNumbers)
    this.#openOrders = new OpenOrders()
    for (const document of snapshot.documents) {
      this.#documents.put(document)
      this.#openOrders.change(undefined, document)
    }
    this.#log = new ChangeLog(snapshot.log.floor, snapshot.log.entries)
  }

  #fresh(seq: number): Snapshot {
    const { nextNumbers } = new DocumentFile()
    const log = { floor: seq, entries: [] }
    return { format: FORMAT, seq, ...firstDay(erpDate(this.now)), documents: [], nextNumbers, log }
  }

  #snapshot(): Snapshot {
    return {
      format: FORMAT,
      seq: this.#seq,
      materials: [...this.#materials.values()],
      stock: [...this.#stock.values()],
      prices: [...this.#prices.values()].flat(),
      documents: this.#documents.all(),
      nextNumbers: this.#documents.nextNumbers,
      log: { floor: this.#log.floor, entries: this.#log.entries },
    }
  }
}

const distinct = (keys: readonly ChangedKey[]): readonly ChangedKey[] => [
  ...new Map(keys.map(({ matnr, werks }) => [`${matnr} ${werks}`, { matnr, werks }])).values(),
]
