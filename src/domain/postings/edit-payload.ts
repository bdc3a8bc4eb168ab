import type { ErpPosting, MovementPosting, OrderPosting } from '../../model/order.ts'

/** Texts to put in place of others, of the whole document and of its lines by their number from 0. */
export type PayloadEdit = {
  readonly [field: string]: unknown
  readonly lines?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/**
 * What a person may correct before something is told again: what only the ERP reads. What, how much and where it is
 * about stands in our own books; that is put right by another order or movement.
 */
const EDITABLE = {
  order: { head: ['channel', 'currency'], line: ['netUnitPrice', 'netAmount'] },
  movements: { head: [], line: ['kind', 'occurredAt'] },
} as const

const LONGEST_TEXT = 100

/** An edit that cannot be: the message says what can. */
export class EditRefused extends Error {
  override name = 'EditRefused'
}

/** @throws EditRefused */
export function editedPayload(
  { kind, payload }: ErpPosting,
  { lines = {}, ...head }: PayloadEdit,
): OrderPosting | MovementPosting {
  const allowed = EDITABLE[kind === 'movements' ? 'movements' : 'order']
  const changes = texts(head, allowed.head, '')
  const byNumber = new Map(Object.entries(lines))
  const all: readonly object[] = payload.lines
  const edited = all.map((line, i) => {
    const change = byNumber.get(String(i))
    byNumber.delete(String(i))
    return change ? { ...line, ...texts(change, allowed.line, `lines.${i}.`) } : line
  })
  const [missing] = byNumber.keys()
  if (missing !== undefined) {
    throw new EditRefused(`lines.${missing}: there is none; there are 0 to ${all.length - 1}`)
  }
  return { ...payload, ...changes, lines: edited } as OrderPosting | MovementPosting
}

function texts(
  given: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  where: string,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(given)) {
    if (!allowed.includes(name)) {
      throw new EditRefused(
        `${where}${name}: cannot be edited; can be: ${allowed.join(', ') || 'nothing'}`,
      )
    }
    if (typeof value !== 'string' || value === '' || value.length > LONGEST_TEXT) {
      throw new EditRefused(`${where}${name}: must be a text of 1 to ${LONGEST_TEXT} characters`)
    }
  }
  return given as Readonly<Record<string, string>>
}
