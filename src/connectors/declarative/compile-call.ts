import type { UpstreamFailureKind } from '../../kernel/upstream-failure.ts'
import {
  type CompileContext,
  type Complaint,
  compileCondition,
  compileExpression,
  MappingError,
  pathOf,
} from './expression.ts'
import { compileJsonata } from './jsonata-rows.ts'
import { compileEach, compilePath, type Scope } from './path.ts'
import type { CallSettings, DeclarativeSettings } from './settings.ts'

export type ErpRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** What an answer says went wrong, found inside HTTP 200. */
export type StatedError = { readonly kind: UpstreamFailureKind; readonly code: string | undefined }

/** What is asked: the keys, and the fields of the first one. */
export type Input = Readonly<Record<string, unknown>>

/** One call of the ERP, compiled. */
export type CompiledCall = {
  readonly settings: CallSettings
  request(input: Input): ErpRequest
  errorIn(answer: unknown): StatedError | undefined
  /** @throws MappingError when the answer breaks the mapping */
  rows(answer: unknown, input: Input): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The next page's address or cursor; undefined on the last one. */
  nextPage(answer: unknown): string | undefined
  /** Up to where the answer tells what changed. */
  cursor(answer: unknown): string | undefined
  /** The answer says that it does not tell all there is. */
  hasMore(answer: unknown): boolean
}

/**
 * Compiles one call. What does not compile is added to `complaints`, with its path in the settings.
 */
export function compileCall(
  name: keyof DeclarativeSettings['calls'],
  call: CallSettings,
  settings: DeclarativeSettings,
  timeZone: string,
  complaints: Complaint[],
): CompiledCall {
  const at = ['calls', name]
  const context = (direction: CompileContext['direction']): CompileContext => ({
    direction,
    timeZone,
    tables: settings.tables ?? {},
    complaints,
  })
  const out = context('encode')
  const back = context('decode')
  const path = compileExpression(call.path, [...at, 'path'], out)
  const query = compileExpression(call.query ?? {}, [...at, 'query'], out)
  const headers = compileExpression(call.headers ?? {}, [...at, 'headers'], out)
  const body = compileExpression(call.body, [...at, 'body'], out)
  const errors = [
    ...compileErrors(call.errors, [...at, 'errors'], back),
    ...compileErrors(settings.errors, ['errors'], back),
  ]
  const next = call.paging && pathOf(call.paging.next, [...at, 'paging', 'next'], back, compilePath)
  const cursor =
    call.cursor === undefined
      ? undefined
      : pathOf(call.cursor, [...at, 'cursor'], back, compilePath)
  const more =
    call.more === undefined ? undefined : compileCondition(call.more, [...at, 'more'], back)
  if (name === 'changes.since' && !cursor) {
    complaints.push({
      path: [...at],
      message: 'needs cursor: where the answer says up to where it tells',
    })
  }
  const ofAnswer = (answer: unknown): Scope => ({ item: answer, root: answer, input: undefined })
  return {
    settings: call,
    request(input) {
      const scope: Scope = { item: input, root: input, input }
      return {
        method: call.method,
        path: String(path(scope)),
        query: pairsOf(query(scope)),
        headers: Object.fromEntries(pairsOf(headers(scope))),
        body: body(scope),
      }
    },
    errorIn(answer) {
      const scope: Scope = { item: answer, root: answer, input: undefined }
      const found = errors.find(({ holds }) => holds(scope))
      return found && { kind: found.kind, code: textOf(found.code?.(scope)) }
    },
    rows: compileRows(name, call, at, back),
    nextPage: answer => textOf(next?.(ofAnswer(answer))),
    cursor: answer => textOf(cursor?.(ofAnswer(answer))),
    hasMore: answer => more?.(ofAnswer(answer)) === true,
  }
}

function compileRows(
  name: string,
  call: CallSettings,
  at: readonly string[],
  context: CompileContext,
) {
  if (call.jsonata !== undefined) {
    try {
      const evaluate = compileJsonata(call.jsonata)
      return async (answer: unknown) => (await evaluate(answer)).map(rowOf)
    } catch (error) {
      const message = (error as { message?: string }).message ?? 'is not JSONata'
      context.complaints.push({ path: [...at, 'jsonata'], message })
    }
  }
  if (call.rows === undefined) {
    if (name !== 'ping' && call.jsonata === undefined) {
      context.complaints.push({ path: [...at], message: 'needs rows and row, or jsonata' })
    }
    return async () => []
  }
  const items = pathOf(call.rows, [...at, 'rows'], context, compileEach)
  const row = compileExpression(call.row ?? {}, [...at, 'row'], context)
  const container = containerOf(call.rows)
  return async (answer: unknown, input: Input) => {
    const scope: Scope = { item: answer, root: answer, input }
    if (typeof answer !== 'object' || answer === null)
      throw new MappingError('the answer is not an object or list')
    if (container && !Array.isArray(compilePath(container)(scope))) {
      throw new MappingError(`${call.rows}: there is no list ${container}`)
    }
    return (items(scope) ?? []).map(item => rowOf(row(item)))
  }
}

/** The first list of a rows path: an answer without it is not "no rows" but another answer altogether. */
function containerOf(rows: string): string | undefined {
  const end = rows.indexOf('[*]')
  return end > 0 ? rows.slice(0, end) : undefined
}

const rowOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new MappingError('a row is not an object')
}

function compileErrors(
  rules: DeclarativeSettings['errors'],
  path: readonly (string | number)[],
  context: CompileContext,
) {
  return (rules ?? []).map((rule, i) => ({
    kind: rule.kind as UpstreamFailureKind,
    holds: compileCondition(rule.when, [...path, i, 'when'], context),
    code:
      rule.code === undefined
        ? undefined
        : pathOf(rule.code, [...path, i, 'code'], context, compilePath),
  }))
}

/** Query and header values as text; a list becomes a repeated name, undefined none. */
function pairsOf(value: unknown): [string, string][] {
  return Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([name, given]) =>
    (Array.isArray(given) ? given : [given])
      .filter(item => item !== undefined && item !== null)
      .map((item): [string, string] => [name, String(item)]),
  )
}

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value).slice(0, 2000)
