import { isMap, isNode, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Place } from '../kernel/place.ts'
import type { Findings } from './finding.ts'

export type Path = readonly (string | number)[]

/** A YAML file whose every value knows where it stands. */
export type YamlFile = {
  /** As findings name it: `policies/plans.yaml`. */
  readonly name: string
  readonly value: unknown
  /** Where the value at `path` stands; the nearest parent's place when there is none. */
  placeOf(path: Path): Place
  /** Where the key itself stands, for complaints about the name. */
  placeOfKey(path: Path): Place
}

/** Policies are written by people; anything larger is a mistake, and parsing it would stall the process. */
export const MAX_FILE_BYTES = 1024 * 1024
const MAX_ALIASES = 50

/**
 * Parses one file; every syntax error becomes a finding with its line and column.
 *
 * @returns undefined when there is nothing usable in it
 */
export function parseYamlFile(
  name: string,
  text: string,
  findings: Findings,
): YamlFile | undefined {
  const start: Place = { file: name, line: 1, column: 1 }
  if (text.includes('\0')) {
    findings.error(start, 'yaml-syntax', 'the file is not text')
    return undefined
  }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
  })
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0)
    return { file: name, line: Math.max(1, line), column: Math.max(1, col) }
  }
  for (const error of document.errors) {
    findings.error(at(error.pos[0]), 'yaml-syntax', error.message)
  }
  if (document.errors.length) return undefined
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    findings.error(start, 'yaml-aliases', `aliases multiply beyond ${MAX_ALIASES}: write it out`)
    return undefined
  }
  const root = document.contents as Node | null
  return {
    name,
    value,
    placeOf: path => at(offsetOf(root, path)),
    placeOfKey: path => at(keyOffsetOf(root, path) ?? offsetOf(root, path)),
  }
}

function childOf(node: Node | null, step: string | number): Node | undefined {
  if (isMap(node)) {
    const pair = node.items.find(item => isPair(item) && keyText(item.key) === String(step))
    return isNode(pair?.value) ? pair.value : isNode(pair?.key) ? pair.key : undefined
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)]
    return isNode(item) ? item : undefined
  }
  return undefined
}

function offsetOf(root: Node | null, path: Path): number | undefined {
  let node = root
  for (const step of path) {
    const child = childOf(node, step)
    if (!child) break
    node = child
  }
  return node?.range?.[0]
}

function keyOffsetOf(root: Node | null, path: Path): number | undefined {
  let parent = root
  for (const step of path.slice(0, -1)) parent = childOf(parent, step) ?? null
  if (!isMap(parent)) return undefined
  const pair = parent.items.find(item => isPair(item) && keyText(item.key) === String(path.at(-1)))
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined
}

const keyText = (key: unknown): string =>
  isNode(key) && 'value' in key ? String(key.value) : String(key)
