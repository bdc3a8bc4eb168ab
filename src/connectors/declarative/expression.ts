import { closest, distance } from 'fastest-levenshtein'
import { CODECS, type Codec, CodecError } from './codecs.ts'
import { compileEach, compilePath, PathError, type Scope } from './path.ts'

/** A value computed from an answer (decoding) or from the keys asked for (encoding). */
export type Expression = (scope: Scope) => unknown

export type Complaint = { readonly path: readonly (string | number)[]; readonly message: string }

export type CompileContext = {
  readonly direction: 'decode' | 'encode'
  readonly timeZone: string
  /** Code tables: ours → the ERP's. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Collects what does not compile. */
  readonly complaints: Complaint[]
}

/** An answer that breaks the mapping: where, and how; never the value itself. */
export class MappingError extends Error {
  override name = 'MappingError'
}

const KEYWORDS = ['from', 'const', 'template', 'each', 'when'] as const

type Raw = Record<string, unknown>
type Path = readonly (string | number)[]

/**
 * Compiles one expression of the mapping vocabulary:
 *
 * - text, number, true, false, null: itself
 * - `{ from, as?, table?, absent?, default?, optional? }`: the value at a path, through codecs and a table
 * - `{ template: "{location}/{sku}" }`: text with values in it
 * - `{ each, where?, do, join? }`: a list, or its items as one text
 * - `{ when: { path, in }, then, else? }`: one or the other
 * - any other map: a map of expressions
 *
 * What does not compile is noted in the context and computes undefined.
 */
export function compileExpression(raw: unknown, path: Path, context: CompileContext): Expression {
  if (raw === null || typeof raw !== 'object') return () => raw
  if (Array.isArray(raw)) {
    const items = raw.map((item, i) => compileExpression(item, [...path, i], context))
    return scope => items.map(item => item(scope))
  }
  const map = raw as Raw
  const keyword = KEYWORDS.find(word => Object.hasOwn(map, word))
  switch (keyword) {
    case 'from':
      return compileFrom(map, path, context)
    case 'const':
      return () => map.const
    case 'template':
      return compileTemplate(map, path, context)
    case 'each':
      return compileList(map, path, context)
    case 'when':
      return compileChoice(map, path, context)
    default: {
      const members = Object.entries(map).map(
        ([name, value]) => [name, compileExpression(value, [...path, name], context)] as const,
      )
      return scope => {
        const result: Raw = {}
        for (const [name, member] of members) {
          const value = member(scope)
          if (value !== undefined) result[name] = value
        }
        return result
      }
    }
  }
}

/** @returns a function that never finds anything, having noted why */
function complain(context: CompileContext, path: Path, message: string): () => undefined {
  context.complaints.push({ path, message })
  return () => undefined
}

function compileFrom(raw: Raw, path: Path, context: CompileContext): Expression {
  refuseUnknown(raw, ['from', 'as', 'table', 'absent', 'default', 'optional'], path, context)
  const read = pathOf(raw.from, [...path, 'from'], context, compilePath)
  const codecs = compileCodecs(raw.as, [...path, 'as'], context)
  const table = compileTable(raw.table, [...path, 'table'], context)
  const absent = new Set((Array.isArray(raw.absent) ? raw.absent : []).map(String))
  const fallback = raw.default
  const optional = raw.optional === true || fallback !== undefined
  const label = path.join('.')
  return scope => {
    const value = read(scope)
    if (value === undefined || value === null || value === '' || absent.has(String(value))) {
      if (optional) return fallback
      throw new MappingError(`${label}: there is no ${String(raw.from)}`)
    }
    if (!codecs.length && !table) return value
    if (typeof value === 'object')
      throw new MappingError(`${label}: ${String(raw.from)} is not a text or number`)
    try {
      let text = String(value)
      for (const codec of codecs) text = codec(text)
      if (table) {
        const found = table(text)
        // A group of ours that the ERP has no word for is left out of a question. A word of the ERP's that
        // we do not know is never taken for nothing: a group's price would become everybody's.
        if (found === undefined && optional && context.direction === 'encode') return fallback
        if (found === undefined) throw new CodecError(`is not in the table "${String(raw.table)}"`)
        text = found
      }
      return text === '' && optional ? fallback : text
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      throw new MappingError(`${label}: ${String(raw.from)} ${error.message}`)
    }
  }
}

function compileCodecs(raw: unknown, path: Path, context: CompileContext) {
  const list = raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]
  return list.flatMap((entry): ((text: string) => string)[] => {
    const [name, argument] =
      typeof entry === 'object' && entry !== null
        ? (Object.entries(entry)[0] ?? ['', undefined])
        : [String(entry), undefined]
    const make = Object.hasOwn(CODECS, name) ? CODECS[name] : undefined
    if (!make) {
      complain(context, path, `unknown codec "${name}"${suggestion(name, Object.keys(CODECS))}`)
      return []
    }
    try {
      const codec: Codec = make(argument, context)
      return [context.direction === 'decode' ? codec.decode : codec.encode]
    } catch (error) {
      complain(context, path, `codec "${name}" ${error instanceof Error ? error.message : ''}`)
      return []
    }
  })
}

function compileTable(raw: unknown, path: Path, context: CompileContext) {
  if (raw === undefined) return undefined
  const name = String(raw)
  const table = Object.hasOwn(context.tables, name) ? context.tables[name] : undefined
  if (!table) {
    complain(
      context,
      path,
      `unknown table "${name}"${suggestion(name, Object.keys(context.tables))}`,
    )
    return undefined
  }
  const pairs = Object.entries(table)
  const lookUp = new Map(
    pairs.map(([ours, theirs]) =>
      context.direction === 'encode' ? [ours, String(theirs)] : [String(theirs), ours],
    ),
  )
  return (text: string): string | undefined => lookUp.get(text)
}

function compileTemplate(raw: Raw, path: Path, context: CompileContext): Expression {
  refuseUnknown(raw, ['template'], path, context)
  const parts = String(raw.template).split(/\{([^}]*)\}/)
  const readers = parts.map((part, i) =>
    i % 2 ? pathOf(part, [...path, 'template'], context, compilePath) : () => part,
  )
  return scope =>
    readers
      .map((read, i) => {
        const value = read(scope)
        if (i % 2 && (value === undefined || typeof value === 'object')) {
          throw new MappingError(`${path.join('.')}: there is no ${parts[i]}`)
        }
        return String(value)
      })
      .join('')
}

function compileList(raw: Raw, path: Path, context: CompileContext): Expression {
  refuseUnknown(raw, ['each', 'where', 'do', 'join'], path, context)
  const items = pathOf(raw.each, [...path, 'each'], context, compileEach)
  const where =
    raw.where === undefined ? undefined : compileCondition(raw.where, [...path, 'where'], context)
  const make = compileExpression(raw.do, [...path, 'do'], context)
  const { join } = raw
  return scope => {
    const found = items(scope) ?? []
    const list = (where ? found.filter(where) : found).map(make)
    return join === undefined ? list : list.join(String(join))
  }
}

function compileChoice(raw: Raw, path: Path, context: CompileContext): Expression {
  refuseUnknown(raw, ['when', 'then', 'else'], path, context)
  const holds = compileCondition(raw.when, [...path, 'when'], context)
  const then = compileExpression(raw.then, [...path, 'then'], context)
  const otherwise = compileExpression(raw.else, [...path, 'else'], context)
  return scope => (holds(scope) ? then(scope) : otherwise(scope))
}

/** `{ path, in: [...] }`, `{ path, notIn: [...] }`, `{ path, exists: true }`; values are compared as text. */
export function compileCondition(
  raw: unknown,
  path: Path,
  context: CompileContext,
): (scope: Scope) => boolean {
  const condition = (typeof raw === 'object' && raw !== null ? raw : {}) as Raw
  refuseUnknown(condition, ['path', 'in', 'notIn', 'exists'], path, context)
  const read = pathOf(condition.path, [...path, 'path'], context, compilePath)
  if (Array.isArray(condition.in)) {
    const wanted = new Set(condition.in.map(String))
    return scope => wanted.has(String(read(scope)))
  }
  if (Array.isArray(condition.notIn)) {
    const unwanted = new Set(condition.notIn.map(String))
    return scope => !unwanted.has(String(read(scope)))
  }
  if (typeof condition.exists === 'boolean') {
    return scope => (read(scope) !== undefined && read(scope) !== null) === condition.exists
  }
  complain(
    context,
    path,
    'a condition is { path, in: […] }, { path, notIn: […] } or { path, exists: true }',
  )
  return () => false
}

/** Compiles a path, noting what is wrong with it. */
export function pathOf<T>(
  raw: unknown,
  path: Path,
  context: CompileContext,
  compile: (text: string) => (scope: Scope) => T,
): (scope: Scope) => T | undefined {
  if (typeof raw !== 'string')
    return complain(context, path, 'a path is expected, such as $.items[*]')
  try {
    return compile(raw)
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    return complain(context, path, error.message)
  }
}

export function refuseUnknown(
  raw: Raw,
  known: readonly string[],
  path: Path,
  context: CompileContext,
): void {
  for (const key of Object.keys(raw).filter(name => !known.includes(name))) {
    complain(context, [...path, key], `unknown key${suggestion(key, known)}`)
  }
}

function suggestion(given: string, known: readonly string[]): string {
  if (!known.length || given.length > 64) return ''
  const nearest = closest(given, known)
  return distance(given, nearest) <= Math.max(2, given.length / 3)
    ? `, did you mean "${nearest}"?`
    : `; known are ${known.join(', ')}`
}
