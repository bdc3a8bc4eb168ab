import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import { UpstreamFailure, type UpstreamFailureKind } from '../../kernel/upstream-failure.ts'
import type { ConnectionSettings } from '../../model/erp-connection.ts'
import type { ErpCall } from '../../ports/erp.ts'
import { keptAlive } from '../agents.ts'
import { type Gate, throughGate } from '../gate/gate.ts'
import { pastDeadConnections } from '../kept-connections.ts'
import { networkFailure } from '../network-failure.ts'
import { type Authentication, createAuthentication } from './authentication.ts'
import type { CompiledCall, ErpRequest } from './compile-call.ts'
import { parseExactJson } from './exact-json.ts'
import { MappingError } from './expression.ts'
import type { DeclarativeCredentials, DeclarativeSettings } from './settings.ts'

/** An answer larger than this is no answer to a bounded question. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/** Speaks HTTP to one ERP: sends a compiled call, and tells an answer from a failure. */
export interface DeclarativeClient {
  /** @returns every row of every page @throws UpstreamFailure */
  call(
    name: string,
    call: CompiledCall,
    input: Readonly<Record<string, unknown>>,
    erpCall: ErpCall,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** @returns the rows of one answer, and what it says of those to come @throws UpstreamFailure */
  changes(
    name: string,
    call: CompiledCall,
    input: Readonly<Record<string, unknown>>,
    erpCall: ErpCall,
  ): Promise<{
    readonly rows: readonly Readonly<Record<string, unknown>>[]
    readonly cursor: string
    readonly more: boolean
  }>
  close(): void
}

export function createClient(
  connection: ConnectionSettings,
  settings: DeclarativeSettings,
  { now, gate }: { now(): number; gate: Gate },
): DeclarativeClient {
  const agents = keptAlive(connection.capabilities.maxConcurrency)
  const http = axios.create({
    ...agents,
    baseURL: connection.address,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    transformResponse: [],
    transformRequest: [],
    validateStatus: () => true,
  })
  const authentication = createAuthentication(
    settings.auth,
    connection.credentials as DeclarativeCredentials,
    { http, connection: connection.name, now, gate },
  )
  return {
    async call(name, call, input, erpCall) {
      const rows: Readonly<Record<string, unknown>>[] = []
      let request = requestFor(name, call, input)
      for (let page = 1; ; page++) {
        const answer = await exchange(name, call, request, erpCall)
        if (answer === EMPTY) return rows
        rows.push(...(await readAnswer(name, () => call.rows(answer, input))))
        const next = call.nextPage(answer)
        const { paging } = call.settings
        if (next === undefined || !paging) return rows
        if (page >= paging.maxPages) {
          throw garbled(name, `more than ${paging.maxPages} pages`)
        }
        const here = request
        request = await readAnswer(name, () =>
          followed(here, next, paging.parameter, connection.address),
        )
      }
    },
    async changes(name, call, input, erpCall) {
      const answer = await exchange(name, call, requestFor(name, call, input), erpCall)
      const cursor = answer === EMPTY ? undefined : call.cursor(answer)
      if (cursor === undefined) throw garbled(name, 'the answer has no cursor')
      const rows = await readAnswer(name, () => call.rows(answer, input))
      return { rows, cursor, more: call.hasMore(answer) }
    },
    close() {
      agents.httpAgent.destroy()
      agents.httpsAgent.destroy()
    },
  }

  async function exchange(name: string, call: CompiledCall, request: ErpRequest, erpCall: ErpCall) {
    const admission = await authentication.admission(erpCall.signal)
    // A connection that breaks under a write may have carried it: only whoever can look it up sends it again.
    const again = WRITES.has(name) ? 0 : connection.capabilities.maxConcurrency
    const attempt = { connection: connection.name, call: name }
    const response = await pastDeadConnections(again, () =>
      throughGate(gate, { ...erpCall, ...attempt }, () =>
        send(http, request, admission, settings, erpCall),
      ),
    ).catch(error => {
      if (error instanceof UpstreamFailure) throw error
      if (erpCall.signal.aborted) throw erpCall.signal.reason
      throw networkFailure(error, attempt)
    })
    const kind = kindOfStatus(response, call)
    if (kind === 'empty') return EMPTY
    if (kind === 'session') authentication.refused(admission)
    const answer = kind === undefined ? parsed(name, response) : undefined
    const stated = call.errorIn(answer ?? lenient(response.data))
    if (stated?.kind === 'session') authentication.refused(admission)
    const failure = stated?.kind ?? kind
    if (failure === undefined) return answer
    const retryAfter = secondsOf(response.headers['retry-after'])
    throw new UpstreamFailure(
      failure,
      `${connection.name}: ${name}: HTTP ${response.status}${stated?.code ? `, ${stated.code}` : ''}`,
      {
        connection: connection.name,
        call: name,
        proxyError: failure === 'rejected' ? 'http_request_denied' : 'http_protocol_error',
        receivedStatus: response.status,
        ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
        ...(stated?.code !== undefined && { erpCode: stated.code }),
      },
    )
  }

  function parsed(name: string, response: AxiosResponse<string>): unknown {
    const type = String(response.headers['content-type'] ?? '')
    if (!/[/+]json\b/i.test(type))
      throw garbled(name, `the answer is ${type.slice(0, 60) || 'of no type'}, not JSON`)
    try {
      return parseExactJson(response.data)
    } catch {
      throw garbled(name, 'the answer stops being JSON')
    }
  }

  /** What the mapping cannot say to this ERP, such as a place without a code, is not asked. */
  function requestFor(name: string, call: CompiledCall, input: Readonly<Record<string, unknown>>) {
    try {
      return call.request(input)
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      throw new UpstreamFailure('rejected', `${connection.name}: ${error.message}`, {
        connection: connection.name,
        call: name,
        proxyError: 'proxy_internal_error',
      })
    }
  }

  async function readAnswer<T>(name: string, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (error instanceof MappingError) throw garbled(name, error.message)
      throw error
    }
  }

  function garbled(name: string, reason: string): UpstreamFailure {
    return new UpstreamFailure('garbled', `${connection.name}: ${name}: ${reason}`, {
      connection: connection.name,
      call: name,
      proxyError: 'http_protocol_error',
    })
  }
}

const WRITES: ReadonlySet<string> = new Set(['orders.create', 'orders.cancel'])

const EMPTY = Symbol('an answer without rows')

async function send(
  http: AxiosInstance,
  request: ErpRequest,
  admission: Awaited<ReturnType<Authentication['admission']>>,
  settings: DeclarativeSettings,
  call: ErpCall,
): Promise<AxiosResponse<string>> {
  const query = new URLSearchParams()
  for (const [name, value] of [...request.query, ...admission.query]) query.append(name, value)
  const url = query.size
    ? `${request.path}${request.path.includes('?') ? '&' : '?'}${query}`
    : request.path
  return http.request<string>({
    method: request.method,
    url,
    headers: {
      Accept: 'application/json',
      ...settings.headers,
      ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
      ...request.headers,
      [settings.correlationHeader ?? 'X-Correlation-Id']: call.correlationId,
      ...(call.traceparent && { traceparent: call.traceparent }),
      ...admission.headers,
    },
    ...(request.body !== undefined && { data: JSON.stringify(request.body) }),
    signal: call.signal,
  })
}

/** What a status means before the body is read; the call's own `statuses` come first. */
function kindOfStatus(
  { status, headers }: AxiosResponse,
  { settings }: CompiledCall,
): UpstreamFailureKind | 'empty' | undefined {
  const own = settings.statuses?.[String(status)]
  if (own) return own as UpstreamFailureKind | 'empty'
  if (status >= 200 && status < 300) return undefined
  // SAP's way, and others': the token has ended with its session.
  if (status === 403 && /^required$/i.test(String(headers['x-csrf-token'] ?? ''))) return 'session'
  if (status === 401 || status === 419 || status === 440) return 'session'
  if (status === 429 || status === 503) return 'busy'
  if (status >= 400 && status < 500) return 'rejected'
  return 'garbled'
}

/** A failure's body is looked at for the ERP's own code, if it is JSON at all. */
function lenient(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}

/** RFC 9110 section 10.2.3: seconds, or an HTTP-date. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{1,6}$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

/** The request for the next page: a link on the same ERP, or a cursor in a parameter. */
function followed(
  request: ErpRequest,
  next: string,
  parameter: string | undefined,
  address: string,
): ErpRequest {
  if (parameter !== undefined) {
    const others = request.query.filter(([name]) => name !== parameter)
    return { ...request, query: [...others, [parameter, next]] }
  }
  const base = new URL(request.path, `${address}/`)
  const target = new URL(next, base)
  // An answer must not send our credentials elsewhere.
  if (target.origin !== base.origin) throw new MappingError('the next page is at another host')
  return { ...request, path: target.pathname + target.search, query: [] }
}
