/** What replay reads of an access line; see gateway/access-line.ts. */
export type AccessRecord = {
  /** Epoch ms. */
  readonly arrivedAt: number
  readonly durationMs: number
  readonly correlationId: string
  readonly method: string
  readonly api: string
  readonly version: string
  readonly operation: string
  readonly parameters: Readonly<Record<string, string | readonly string[]>>
  readonly body:
    | { readonly digest: string; readonly lists: Readonly<Record<string, number>> }
    | undefined
  readonly consumer: string
  readonly scopes: readonly string[] | undefined
  readonly noCache: boolean
  readonly code: string
  readonly refusedBy: string | undefined
  readonly cache: string
  readonly sampled: number
}

/** @returns undefined for a line that is no governed call by a known consumer, `garbage` for one that is not JSON */
export function parseAccessLine(line: string): AccessRecord | undefined | 'garbage' {
  if (!line.includes('"request"')) return isJson(line) ? undefined : 'garbage'
  let fields: Partial<Record<string, unknown>>
  try {
    fields = JSON.parse(line)
  } catch {
    return 'garbage'
  }
  const { msg, time, durationMs, operation, consumer, api, version, method } = fields
  if (msg !== 'request' || typeof operation !== 'string' || typeof consumer !== 'string') {
    return undefined
  }
  const loggedAt = typeof time === 'string' ? Date.parse(time) : Number(time)
  const duration = Number(durationMs)
  if (!Number.isFinite(loggedAt) || !Number.isFinite(duration)) return 'garbage'
  const trail = Array.isArray(fields.trail) ? (fields.trail as TrailStep[]) : []
  return {
    arrivedAt: loggedAt - duration,
    durationMs: duration,
    correlationId: String(fields.correlationId ?? ''),
    method: String(method),
    api: String(api),
    version: String(version),
    operation,
    parameters: (fields.parameters ?? {}) as AccessRecord['parameters'],
    body: fields.body as AccessRecord['body'],
    consumer,
    scopes: fields.scopes as AccessRecord['scopes'],
    noCache: fields.noCache === true,
    code: typeof fields.code === 'string' ? fields.code : 'none',
    refusedBy: trail.find(({ decision }) => decision === 'refuse')?.step,
    cache: typeof fields.cache === 'string' ? fields.cache : 'none',
    sampled: typeof fields.sampled === 'number' ? fields.sampled : 1,
  }
}

type TrailStep = { readonly step: string; readonly decision: string }

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
