import type { DocumentType, ErpDocument } from './records.ts'

/** Where each type's numbers begin, as a chart of number ranges would have it. */
const FIRST_NUMBER: Readonly<Record<DocumentType, number>> = {
  order: 10_000_001,
  return: 60_000_001,
  credit: 65_000_001,
  journal: 1_800_000_001,
  movement: 4_900_000_001,
}

/** Every document, found by number or by what the other system calls it. */
export class DocumentFile {
  readonly #byNumber = new Map<string, ErpDocument>()
  readonly #byReference = new Map<string, string[]>()
  readonly #next: Record<DocumentType, number>

  constructor(nextNumbers: Readonly<Record<DocumentType, number>> = FIRST_NUMBER) {
    this.#next = { ...nextNumbers }
  }

  get nextNumbers(): Readonly<Record<DocumentType, number>> {
    return this.#next
  }

  /** Ten digits; the same until a document with it is put in. */
  nextNumber(type: DocumentType): string {
    return String(this.#next[type]).padStart(10, '0')
  }

  /** Adds a document, or changes the one with its number. */
  put(document: ErpDocument): void {
    const { type, number, reference } = document
    if (!this.#byNumber.has(number)) {
      const key = `${type}\n${reference}`
      this.#byReference.set(key, [...(this.#byReference.get(key) ?? []), number])
    }
    this.#byNumber.set(number, document)
    this.#next[type] = Math.max(this.#next[type], Number(number) + 1)
  }

  find(type: DocumentType, number: string): ErpDocument | undefined {
    const document = this.#byNumber.get(number)
    return document?.type === type ? document : undefined
  }

  findByReference(type: DocumentType, reference: string): readonly ErpDocument[] {
    const numbers = this.#byReference.get(`${type}\n${reference}`) ?? []
    return numbers.flatMap(number => this.#byNumber.get(number) ?? [])
  }

  /** In the order in which they came. */
  all(type?: DocumentType): readonly ErpDocument[] {
    const documents = [...this.#byNumber.values()]
    return type === undefined ? documents : documents.filter(document => document.type === type)
  }
}
