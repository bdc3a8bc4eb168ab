import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, isSeq, type Pair, parseDocument, YAMLMap } from 'yaml'
import { credentialId } from '../model/credential-id.ts'

export type CredentialKind = 'apiKeys' | 'clientSecrets'
const KINDS = ['apiKeys', 'clientSecrets'] as const

/** A credential as a consumer's file holds it; instants are ISO. */
export type HeldCredential = {
  readonly kind: CredentialKind
  readonly id: string
  readonly hash: string
  readonly createdAt: string | undefined
  readonly expiresAt: string | undefined
}

export type CredentialEdit =
  | {
      readonly do: 'add'
      readonly kind: CredentialKind
      readonly hash: string
      readonly createdAt: string
      readonly expiresAt?: string
    }
  | { readonly do: 'expire'; readonly hash: string; readonly expiresAt: string }
  | { readonly do: 'remove'; readonly hash: string }

/** The file is not one whose credentials can be edited; the message says what to do by hand. */
export class UneditableFile extends Error {
  override name = 'UneditableFile'
}

type Entry = { hash: string; createdAt?: string; expiresAt?: string }
type Lists = { [Kind in CredentialKind]?: Entry[] }

/**
 * @returns what the consumer's file says of itself; undefined for a file that is not a consumer's
 * @throws UneditableFile when it is not YAML
 */
export function readCredentials(
  text: string,
): { id: string; demo: boolean; held: readonly HeldCredential[] } | undefined {
  const file = parse(text).toJS() as { id?: unknown; credentials?: unknown } | null
  if (typeof file?.id !== 'string') return undefined
  const { id, credentials } = file
  const lists = (typeof credentials === 'object' ? (credentials ?? {}) : {}) as Lists
  const held = KINDS.flatMap(kind =>
    (lists[kind] ?? []).map(({ hash, createdAt, expiresAt }) => ({
      kind,
      id: credentialId(hash),
      hash,
      createdAt,
      expiresAt,
    })),
  )
  return { id, demo: credentials === 'demo', held }
}

/**
 * Changes a consumer file's credentials. What stands outside them stays byte for byte; within them,
 * comments and order stay.
 *
 * @throws UneditableFile when the result would not say exactly what it should
 */
export function editCredentials(text: string, edits: readonly CredentialEdit[]): string {
  const document = parse(text)
  const pair = isMap(document.contents)
    ? document.contents.items.find(({ key }) => isScalar(key) && key.value === 'credentials')
    : undefined
  if (!pair || !isScalar(pair.key) || !isMap(pair.value) || !pair.key.range || !pair.value.range) {
    throw new UneditableFile('"credentials" must be a map: write "credentials: {}" to begin with')
  }
  const [start] = pair.key.range
  const end = pair.value.range[2]
  const expected = document.toJS() as { credentials: Lists }
  const indent = indentOf(text, pair.value)
  for (const edit of edits) {
    applyToNode(document, pair.value, edit)
    applyToLists(expected.credentials, edit)
  }
  const old = text.slice(start, end)
  const rendered = render(document, pair, indent).trimEnd() + (/\s*$/.exec(old)?.[0] ?? '')
  const result =
    text.slice(0, start) +
    (old.includes('\r\n') ? rendered.replaceAll(/\r?\n/g, '\r\n') : rendered) +
    text.slice(end)
  if (!isDeepStrictEqual(parse(result).toJS(), expected)) {
    throw new UneditableFile('the file is written in a way that only a person can edit')
  }
  return result
}

function parse(text: string): Document {
  const document = parseDocument(text)
  if (document.errors.length) throw new UneditableFile(`not YAML: ${document.errors[0]?.message}`)
  return document
}

/** How far the file indents within its credentials, and whether lists are indented too. */
function indentOf(text: string, credentials: YAMLMap) {
  const columnOf = (node: unknown): number => {
    const offset = (node as { range?: readonly number[] } | undefined)?.range?.[0] ?? 0
    return offset - (text.lastIndexOf('\n', offset - 1) + 1)
  }
  const first = credentials.items[0]
  if (credentials.flow || !first) return { indent: 2, indentSeq: true }
  const list = credentials.items.map(({ value }) => value).find(value => isSeq(value))
  const indent = columnOf(first.key)
  return {
    indent: indent || 2,
    indentSeq: !list || list.flow === true || columnOf(list) > columnOf(first.key),
  }
}

function applyToNode(document: Document, credentials: YAMLMap, edit: CredentialEdit): void {
  if (edit.do === 'add') {
    const { kind, hash, createdAt, expiresAt } = edit
    const entry = document.createNode({ hash, createdAt, ...(expiresAt && { expiresAt }) })
    const list = credentials.get(kind)
    if (credentials.items.length === 0) credentials.flow = false
    if (isSeq(list)) {
      if (list.items.length === 0) list.flow = false
      list.add(entry)
    } else credentials.set(kind, document.createNode([entry]))
    return
  }
  for (const kind of KINDS) {
    const list = credentials.get(kind)
    if (!isSeq(list)) continue
    const index = list.items.findIndex(item => isMap(item) && item.get('hash') === edit.hash)
    const item = list.items[index]
    if (!isMap(item)) continue
    if (edit.do === 'expire') item.set('expiresAt', edit.expiresAt)
    else if (list.items.length === 1) credentials.delete(kind)
    else list.delete(index)
  }
}

/** The same upon plain values: what the edited file must say. */
function applyToLists(credentials: Lists, edit: CredentialEdit): void {
  if (edit.do === 'add') {
    const { kind, hash, createdAt, expiresAt } = edit
    const entry = { hash, createdAt, ...(expiresAt && { expiresAt }) }
    credentials[kind] = [...(credentials[kind] ?? []), entry]
    return
  }
  for (const kind of KINDS) {
    const list = credentials[kind]
    const entry = list?.find(({ hash }) => hash === edit.hash)
    if (!list || !entry) continue
    if (edit.do === 'expire') entry.expiresAt = edit.expiresAt
    else if (list.length === 1) delete credentials[kind]
    else list.splice(list.indexOf(entry), 1)
  }
}

/** The credentials alone, without the comment above them, which stays where it is. */
function render(
  document: Document,
  pair: Pair,
  { indent, indentSeq }: { indent: number; indentSeq: boolean },
): string {
  if (isScalar(pair.key)) {
    pair.key.commentBefore = null
    pair.key.spaceBefore = false
  }
  const alone = new YAMLMap()
  alone.items.push(pair)
  document.contents = alone as never
  document.commentBefore = null
  document.comment = null
  try {
    return document.toString({ indent, indentSeq, lineWidth: 0 })
  } catch (error) {
    throw new UneditableFile('"credentials" refers to an anchor elsewhere: write it out', {
      cause: error,
    })
  }
}
