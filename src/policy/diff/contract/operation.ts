import type {
  ContentDefinition,
  ContractOperation,
  HeaderDefinition,
  ParameterDefinition,
  ResponseDefinition,
} from '../../contract-index.ts'
import { added, type Report, sideBySide } from '../change.ts'
import type { Comparison, Direction } from './law.ts'
import { compareRedaction, compareSchemas } from './schema.ts'

/** Compares two operations of one method and path. */
export function compareOperations(
  before: ContractOperation,
  after: ContractOperation,
  report: Report,
): void {
  const [old, now] = [before.definition, after.definition]
  if (before.operationId !== after.operationId) {
    const message = `operationId was ${before.operationId}: clients that were generated change`
    report('risky', 'operation-id-changed', message)
  }
  if (!old.deprecated && now.deprecated) report('safe', 'operation-deprecated', 'is deprecated now')
  compareSecurity(before, after, report)
  compareParameters(before, after, report)
  compareRequestBodies(before, after, report)
  compareResponses(old.responses ?? {}, now.responses ?? {}, report)
  comparePromises(before, after, report)
}

const comparison = (direction: Direction, where: string, report: Report): Comparison => ({
  direction,
  where,
  report,
  seen: new WeakMap(),
})

function compareSecurity(before: ContractOperation, after: ContractOperation, report: Report) {
  const waysOf = ({ definition: { security = [] } }: ContractOperation) =>
    new Set(security.map(way => Object.keys(way).sort().join(' and ') || 'anonymous'))
  const [old, now] = [waysOf(before), waysOf(after)]
  for (const way of added(now, old)) {
    report('breaking', 'security-removed', `cannot be called by ${way} any more`)
  }
  // Without any requirement the operation was open.
  const firstLock = old.size === 0 && now.size > 0
  for (const way of added(old, now)) {
    report(firstLock ? 'breaking' : 'safe', 'security-added', `can be called by ${way} now`)
  }
  for (const scope of added(before.scopes, after.scopes)) {
    report('breaking', 'security-scope-added', `the contract asks for ${scope} now`)
  }
  for (const scope of added(after.scopes, before.scopes)) {
    report('safe', 'security-scope-removed', `the contract does not ask for ${scope} any more`)
  }
}

/** Path parameters by their place in the path, whatever they are called; the others by name. */
function parametersOf({ path, definition }: ContractOperation): Map<string, ParameterDefinition> {
  const places = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
  return new Map(
    (definition.parameters ?? []).map(parameter => {
      const { in: place = '', name = '' } = parameter
      const key =
        place === 'path' ? `path parameter ${places.indexOf(name) + 1}` : `${place} ${name}`
      return [key, parameter]
    }),
  )
}

function compareParameters(
  before: ContractOperation,
  after: ContractOperation,
  report: Report,
): void {
  for (const [key, old, now] of sideBySide(parametersOf(before), parametersOf(after))) {
    if (!now) {
      // A query parameter that the contract does not know is refused; a header is only ignored.
      const refused = old?.in === 'query'
      const message = `${key}: is ${refused ? 'refused' : 'not looked at'} now`
      report(refused ? 'breaking' : 'risky', 'request-parameter-removed', message)
    } else if (!old) {
      report(
        now.required ? 'breaking' : 'safe',
        now.required ? 'new-required-request-parameter' : 'new-optional-request-parameter',
        `${key}: ${now.required ? 'must be sent now' : 'is new'}`,
      )
    } else {
      compareParameter(old, now, comparison('request', key, report))
    }
  }
}

function compareParameter(
  before: ParameterDefinition,
  after: ParameterDefinition,
  at: Comparison,
): void {
  const { where, report } = at
  if (!before.required && after.required) {
    report('breaking', 'request-parameter-became-required', `${where}: must be sent now`)
  }
  if (before.required && !after.required) {
    report('safe', 'request-parameter-became-optional', `${where}: may be left out now`)
  }
  if (before.style !== after.style || before.explode !== after.explode) {
    report('breaking', 'request-parameter-style-changed', `${where}: is written differently now`)
  }
  if (!before.deprecated && after.deprecated) {
    report('safe', 'request-parameter-deprecated', `${where}: is deprecated now`)
  }
  compareRedaction(before['x-redact'], after['x-redact'], at)
  compareSchemas(before.schema, after.schema, at)
}

function compareRequestBodies(
  { definition: { requestBody: before } }: ContractOperation,
  { definition: { requestBody: after } }: ContractOperation,
  report: Report,
): void {
  if (!before && !after) return
  if (!after) {
    report('breaking', 'request-body-removed', 'a body is refused now')
  } else if (!before) {
    report(
      after.required ? 'breaking' : 'safe',
      'request-body-added',
      after.required ? 'a body must be sent now' : 'a body may be sent now',
    )
  } else {
    if (!before.required && after.required) {
      report('breaking', 'request-body-became-required', 'a body must be sent now')
    }
    if (before.required && !after.required) {
      report('safe', 'request-body-became-optional', 'the body may be left out now')
    }
    compareContents(before.content ?? {}, after.content ?? {}, 'body', 'request', report)
  }
}

function compareContents(
  before: ContentDefinition,
  after: ContentDefinition,
  where: string,
  direction: Direction,
  report: Report,
): void {
  const mapOf = (content: ContentDefinition) => new Map(Object.entries(content))
  for (const [type, old, now] of sideBySide(mapOf(before), mapOf(after))) {
    if (!now) report('breaking', `${direction}-media-type-removed`, `${where}: no longer ${type}`)
    else if (!old) report('safe', `${direction}-media-type-added`, `${where}: ${type} as well`)
    else compareSchemas(old.schema, now.schema, comparison(direction, where, report))
  }
}

type Responses = Readonly<Record<string, ResponseDefinition>>

function compareResponses(before: Responses, after: Responses, report: Report): void {
  const mapOf = (responses: Responses) => new Map(Object.entries(responses))
  for (const [status, old, now] of sideBySide(mapOf(before), mapOf(after))) {
    const success = status.startsWith('2')
    const kind = success ? 'success' : 'non-success'
    if (!now) {
      const rank = success ? 'breaking' : 'safe'
      report(rank, `response-${kind}-status-removed`, `${status}: is not answered any more`)
    } else if (!old) {
      report('safe', `response-${kind}-status-added`, `${status}: is answered as well`)
    } else {
      compareHeaders(status, old.headers ?? {}, now.headers ?? {}, report)
      compareContents(old.content ?? {}, now.content ?? {}, status, 'response', report)
    }
  }
}

type Headers = Readonly<Record<string, HeaderDefinition>>

function compareHeaders(status: string, before: Headers, after: Headers, report: Report): void {
  const mapOf = (headers: Headers) =>
    new Map(Object.entries(headers).map(([name, header]) => [name.toLowerCase(), header]))
  for (const [name, old, now] of sideBySide(mapOf(before), mapOf(after))) {
    const where = `${status} header ${name}`
    if (!now) {
      const rank = old?.required ? 'breaking' : 'risky'
      report(rank, 'response-header-removed', `${where}: is not sent any more`)
    } else if (!old) {
      report('safe', 'response-header-added', `${where}: is new`)
    } else {
      if (old.required && !now.required) {
        report('breaking', 'response-header-became-optional', `${where}: may be absent now`)
      }
      compareSchemas(old.schema, now.schema, comparison('response', where, report))
    }
  }
}

/** What a contract promises of an answer's age. */
function comparePromises(before: ContractOperation, after: ContractOperation, report: Report) {
  for (const key of ['maxCacheSeconds', 'maxStaleIfErrorSeconds'] as const) {
    const [old, now] = [before[key] ?? 0, after[key] ?? 0]
    if (old === now) continue
    const message = `${key} was ${old}, is now ${now}`
    report(now > old ? 'risky' : 'safe', now > old ? 'staler-answers' : 'fresher-answers', message)
  }
}
