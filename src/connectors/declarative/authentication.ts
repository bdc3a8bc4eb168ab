import type { AxiosInstance, AxiosRequestConfig } from 'axios'
import { UpstreamFailure, type UpstreamFailureKind } from '../../kernel/upstream-failure.ts'
import { OWN_CALLS } from '../../model/work-class.ts'
import { failure, retryAfterOf } from '../failures.ts'
import { type Gate, throughGate } from '../gate/gate.ts'
import { networkFailure } from '../network-failure.ts'
import type { AuthSettings, DeclarativeCredentials } from './settings.ts'

/** What a call must carry to be let in. */
export type Admission = {
  readonly headers: Readonly<Record<string, string>>
  readonly query: readonly (readonly [string, string])[]
}

/** How the ERP is told who we are. */
export interface Authentication {
  /** @throws UpstreamFailure when logging in fails */
  admission(signal: AbortSignal): Promise<Admission>
  /** The ERP did not accept it: the next call gets a new one. */
  refused(admission: Admission): void
}

type Session = { admission: Promise<Admission>; until: number }

/** A token is renewed this long before it ends: it must still hold when the call arrives. */
const EARLY_MS = 30_000

/**
 * @param http the connection's client
 * @param now  monotonic, ms
 */
export function createAuthentication(
  auth: AuthSettings,
  credentials: DeclarativeCredentials,
  deps: Deps,
): Authentication {
  switch (auth.type) {
    case 'none':
      return fixed({})
    case 'basic': {
      const text = `${credentials.username ?? ''}:${credentials.password ?? ''}`
      return fixed({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })
    }
    case 'bearer':
      return fixed({ Authorization: `Bearer ${credentials.token ?? ''}` })
    case 'apiKey': {
      const key = credentials.apiKey ?? ''
      return auth.in === 'header' ? fixed({ [auth.name]: key }) : fixed({}, [[auth.name, key]])
    }
    case 'oauth2ClientCredentials':
      return session(deps.now, () => fetchToken(auth, credentials, deps))
    case 'cookieSession':
      return session(deps.now, () => logIn(auth, credentials, deps))
  }
}

const fixed = (headers: Record<string, string>, query: Admission['query'] = []): Authentication => {
  const admission = { headers, query }
  return { admission: async () => admission, refused: () => {} }
}

/** Logs in once for everybody who waits, and again when the session has ended or was refused. */
function session(
  now: () => number,
  open: () => Promise<{ admission: Admission; livesMs: number }>,
): Authentication {
  let current: Session | undefined
  let held: Admission | undefined
  return {
    admission() {
      if (current && now() < current.until) return current.admission
      const mine: Session = {
        admission: Promise.resolve().then(begin),
        until: Number.POSITIVE_INFINITY,
      }
      async function begin(): Promise<Admission> {
        try {
          const { admission, livesMs } = await open()
          mine.until = now() + livesMs
          held = admission
          return admission
        } catch (error) {
          if (current === mine) current = undefined
          throw error
        }
      }
      current = mine
      return mine.admission
    },
    refused(admission) {
      if (held === admission) current = undefined
    },
  }
}

type Deps = { http: AxiosInstance; connection: string; gate: Gate; now(): number }
/** How long a token lives whose issuer does not say. */
const UNSAID_LIFE_SECONDS = 300
/** Logging in serves several callers: it has its own time, not the first one's. */
const LOGIN_TIMEOUT_MS = 5000

async function send({ http, connection, gate, now }: Deps, config: AxiosRequestConfig) {
  const attempt = { connection, call: 'login' }
  const signal = AbortSignal.timeout(LOGIN_TIMEOUT_MS)
  const leaving = {
    ...attempt,
    signal,
    deadlineAt: now() + LOGIN_TIMEOUT_MS,
    workClass: OWN_CALLS,
  }
  const response = await throughGate(gate, leaving, () =>
    http.request<string>({ ...config, signal }),
  ).catch(error => {
    throw error instanceof UpstreamFailure ? error : networkFailure(error, attempt)
  })
  if (response.status < 300) return response
  throw failure(kindOfRefusal(response.status), `HTTP ${response.status}`, attempt, {
    proxyError: 'http_request_denied',
    receivedStatus: response.status,
    ...retryAfterOf(response.headers['retry-after']),
  })
}

/** An ERP in trouble is not the same as one that does not know us. */
function kindOfRefusal(status: number): UpstreamFailureKind {
  if (status === 429 || status === 503) return 'busy'
  return status >= 400 && status < 500 ? 'session' : 'garbled'
}

async function fetchToken(
  auth: Extract<AuthSettings, { type: 'oauth2ClientCredentials' }>,
  { clientId = '', clientSecret = '' }: DeclarativeCredentials,
  deps: Deps,
) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (auth.scope !== undefined) form.set('scope', auth.scope)
  const headers: Record<string, string> = { 'Content-Type': 'application/x-www-form-urlencoded' }
  if (auth.clientAuthentication === 'basic') {
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
    headers.Authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  } else {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  }
  const response = await send(deps, {
    method: 'POST',
    url: auth.tokenUrl,
    headers,
    data: form.toString(),
  })
  const answer = parseObject(response.data)
  if (typeof answer.access_token !== 'string') {
    throw new UpstreamFailure(
      'garbled',
      `${deps.connection}: login: the answer has no access_token`,
      {
        connection: deps.connection,
        call: 'login',
        proxyError: 'http_protocol_error',
      },
    )
  }
  return {
    admission: { headers: { Authorization: `Bearer ${answer.access_token}` }, query: [] },
    livesMs: lifeOf(answer.expires_in),
  }
}

/** RFC 6749 section 5.1: seconds; what is no number is taken for absent. */
function lifeOf(expiresIn: unknown): number {
  const seconds = Number(expiresIn ?? UNSAID_LIFE_SECONDS)
  const lives = (seconds > 0 ? seconds : UNSAID_LIFE_SECONDS) * 1000
  return Math.max(lives - EARLY_MS, lives / 2)
}

async function logIn(
  auth: Extract<AuthSettings, { type: 'cookieSession' }>,
  credentials: DeclarativeCredentials,
  deps: Deps,
) {
  const { login, csrf } = auth
  const response = await send(deps, {
    method: login.method,
    url: login.path,
    headers: {
      ...(login.body !== undefined && { 'Content-Type': 'application/json' }),
      ...(csrf && { [csrf.header]: csrf.fetchHeader ?? 'Fetch' }),
      ...(login.body === undefined && {
        Authorization: `Basic ${Buffer.from(`${credentials.username ?? ''}:${credentials.password ?? ''}`).toString('base64')}`,
      }),
    },
    ...(login.body !== undefined && { data: JSON.stringify(fill(login.body, credentials)) }),
  })
  const cookies = response.headers['set-cookie'] ?? []
  const token = csrf && response.headers[csrf.header.toLowerCase()]
  const headers: Record<string, string> = {
    Cookie: cookies.map(cookie => cookie.split(';')[0]).join('; '),
  }
  if (csrf && typeof token === 'string') headers[csrf.header] = token
  return { admission: { headers, query: [] }, livesMs: Number.POSITIVE_INFINITY }
}

/** `"{username}"` and `"{password}"` in a login body. */
function fill(value: unknown, credentials: DeclarativeCredentials): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll('{username}', () => credentials.username ?? '')
      .replaceAll('{password}', () => credentials.password ?? '')
  }
  if (Array.isArray(value)) return value.map(item => fill(item, credentials))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, credentials)]))
  }
  return value
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
