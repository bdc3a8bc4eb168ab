import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Place } from '../kernel/place.ts'
import type { Findings } from './finding.ts'
import { parseBounded, TooMuchYaml } from './parse-document.ts'

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
/** One block shared by all operations of a large API is no bomb; aliases of aliases multiply past this at once. */
const MAX_ALIASES = 1000
const MAX_REPORTED = 100

/**
 * Parses one file; every syntax error becomes a finding with its line and column.
 *
 * @returns undefined when there is nothing usable in it
 */
export function parseYamlFile(
  name: string,
  bytes: Uint8Array | string,
  findings: Findings,
): YamlFile | undefined {
  const text = toText(bytes)
  const lines = new LineCounter()
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0)
    return { file: name, line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (text === undefined) {
    const place = { file: name, line: 1, column: 1 }
    findings.error(place, 'yaml-syntax', 'the file is not text in UTF-8')
    return undefined
  }
  const complaints: Complaint[] = []
  const document = readDocument(text, lines, complaints)
  if (document && !complaints.length) findAmbiguities(document, complaints)
  for (const { offset, rule, message } of complaints.slice(0, MAX_REPORTED)) {
    findings.error(at(offset), rule, message)
  }
  // A key given twice is an error, but what else is wrong can be told along with it.
  if (!document || complaints.some(({ rule }) => rule !== 'duplicate-key')) return undefined
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    findings.error(at(0), 'yaml-aliases', `aliases multiply beyond ${MAX_ALIASES}: write it out`)
    return undefined
  }
  const places = new Places(document.contents as Node | null)
  return {
    name,
    value,
    placeOf: path => at(places.ofValue(path)),
    placeOfKey: path => at(places.ofKey(path) ?? places.ofValue(path)),
  }
}

function toText(bytes: Uint8Array | string): string | undefined {
  try {
    const text =
      typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

type Complaint = { offset: number; rule: string; message: string }

function readDocument(
  text: string,
  lines: LineCounter,
  complaints: Complaint[],
): Document | undefined {
  try {
    const document = parseBounded(text, lines)
    for (const { pos, message } of document?.errors ?? []) {
      complaints.push({ offset: pos[0], rule: 'yaml-syntax', message })
    }
    return document
  } catch (error) {
    if (!(error instanceof TooMuchYaml)) throw error
    complaints.push({ offset: error.offset, rule: 'yaml-syntax', message: error.message })
    return undefined
  }
}

/** What YAML lets pass and nobody means: a key twice, a key that is no name, an alias within itself. */
function findAmbiguities(document: Document, complaints: Complaint[]): void {
  const anchors = new Map<string, Node>()
  visit(document, {
    Node(_, node, ancestors) {
      const offset = node.range?.[0] ?? 0
      if (isAlias(node)) {
        const source = anchors.get(node.source)
        if (source && ancestors.includes(source)) {
          const message = `*${node.source} stands within what it refers to`
          complaints.push({ offset, rule: 'yaml-aliases', message })
        }
      } else if (node.anchor) {
        anchors.set(node.anchor, node)
      }
      if (isMap(node)) complaints.push(...ambiguousKeys(node))
    },
  })
}

function* ambiguousKeys(map: YAMLMap): Generator<Complaint> {
  const seen = new Set<string>()
  for (const { key } of map.items) {
    const offset = (isNode(key) && key.range?.[0]) || 0
    if (!isScalar(key)) {
      yield { offset, rule: 'yaml-syntax', message: 'a key must be a plain name' }
      continue
    }
    const name = String(key.value)
    if (seen.has(name)) {
      yield { offset, rule: 'duplicate-key', message: `"${name}" stands twice: keep one of them` }
    }
    seen.add(name)
  }
}

/** Finds where a path's value and key begin, in characters from the start. */
class Places {
  readonly #root: Node | null
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

  constructor(root: Node | null) {
    this.#root = root
  }

  ofValue(path: Path): number | undefined {
    let node = this.#root
    for (const step of path) {
      const child = this.#child(node, step)
      if (!child) break
      node = child
    }
    return node?.range?.[0]
  }

  ofKey(path: Path): number | undefined {
    let parent = this.#root
    for (const step of path.slice(0, -1)) parent = this.#child(parent, step) ?? null
    const key = isMap(parent) ? this.#pair(parent, path.at(-1) ?? '')?.key : undefined
    return isNode(key) ? key.range?.[0] : undefined
  }

  #child(node: Node | null, step: string | number): Node | undefined {
    if (isMap(node)) {
      const pair = this.#pair(node, step)
      return [pair?.value, pair?.key].find(isNode)
    }
    const item = isSeq(node) ? node.items[Number(step)] : undefined
    return isNode(item) ? item : undefined
  }

  #pair(map: YAMLMap, key: string | number): Pair | undefined {
    let pairs = this.#pairs.get(map)
    if (!pairs) {
      pairs = new Map(
        map.items.map(pair => [isScalar(pair.key) ? String(pair.key.value) : '', pair]),
      )
      this.#pairs.set(map, pairs)
    }
    return pairs.get(String(key))
  }
}
