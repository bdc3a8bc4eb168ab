/**
 * Where a value stands: the item itself and what it was found in.
 * `$` in a path is the whole answer, `$input` what was asked (the keys, and the first one's fields),
 * `^` the item that this one was found in.
 */
export type Scope = {
  readonly item: unknown
  readonly root: unknown
  readonly input: unknown
  readonly parent?: Scope
}

type Segment =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'each' }
  | { readonly kind: 'up' }

const TOKEN = /\.?([A-Za-z_][\w-]*)|\["([^"]+)"\]|\[(\d+|\*)\]|\.?(\^)/y

export class PathError extends Error {
  override name = 'PathError'
}

/**
 * Reads `$.ET_BESTAND[*]`, `d.results[0].MATNR`, `^.WERKS`, `["odd name"]`.
 *
 * @throws PathError naming the column at which it stops making sense
 */
export function parsePath(text: string): {
  origin: 'item' | 'root' | 'input'
  segments: readonly Segment[]
} {
  const prefix = /^(?:\$input(?![\w-])|\$)/.exec(text)?.[0] ?? ''
  const origin = prefix === '' ? 'item' : prefix === '$' ? 'root' : 'input'
  const segments: Segment[] = []
  TOKEN.lastIndex = prefix.length
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw new PathError(`"${text}" is not a path: look at column ${at + 1}`)
    const [, name, quoted, index, up] = match
    if (up) segments.push({ kind: 'up' })
    else if (index === '*') segments.push({ kind: 'each' })
    else segments.push({ kind: 'member', name: name ?? quoted ?? index ?? '' })
  }
  return { origin, segments }
}

/** Compiles a path to one value; undefined where there is none. */
export function compilePath(text: string): (scope: Scope) => unknown {
  const { origin, segments } = parsePath(text)
  if (segments.some(({ kind }) => kind === 'each')) {
    throw new PathError(`"${text}": [*] gives many values; one is wanted here`)
  }
  const [only] = segments
  if (origin === 'item' && segments.length === 1 && only?.kind === 'member') {
    const { name } = only
    return ({ item }) => memberOf(item, name)
  }
  return scope => {
    let at: Scope | undefined = startAt(scope, origin)
    for (const segment of segments) {
      if (segment.kind === 'up') at = at?.parent
      else if (segment.kind === 'member') {
        at = { ...scope, item: memberOf(at?.item, segment.name) }
      }
    }
    return at?.item
  }
}

/** Compiles a path to every value that it reaches, each knowing what it was found in. */
export function compileEach(text: string): (scope: Scope) => readonly Scope[] {
  const { origin, segments } = parsePath(text)
  return scope => {
    let found: Scope[] = [startAt(scope, origin)]
    for (const segment of segments) {
      found = found.flatMap(at => step(at, segment))
    }
    return found
  }
}

function startAt(scope: Scope, origin: 'item' | 'root' | 'input'): Scope {
  if (origin === 'item') return scope
  return { item: scope[origin], root: scope.root, input: scope.input }
}

function step(at: Scope, segment: Segment): Scope[] {
  if (segment.kind === 'up') return at.parent ? [at.parent] : []
  if (segment.kind === 'each') {
    if (!Array.isArray(at.item)) return []
    // A member step in between does not count as a parent: `^` leads from row to row.
    const parent = at.parent
    return at.item.map(item => ({
      item,
      root: at.root,
      input: at.input,
      ...(parent && { parent }),
    }))
  }
  const item = memberOf(at.item, segment.name)
  if (item === undefined || item === null) return []
  return [{ item, root: at.root, input: at.input, parent: isRow(at) ? at : (at.parent ?? at) }]
}

const isRow = (at: Scope): boolean => !Array.isArray(at.item)

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return value[Number(name)]
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}
