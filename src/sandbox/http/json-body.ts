import type { IncomingMessage, ServerResponse } from 'node:http'

const MAX_BYTES = 1_048_576
/** A body that is too large is read to its end, so that its sender hears the answer, but not for ever. */
const MAX_DISCARDED_BYTES = 16 * MAX_BYTES

/** A body that was not taken. */
export class BodyRefused extends Error {
  override name = 'BodyRefused'
  readonly status: 400 | 413

  constructor(status: 400 | 413, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * @returns the JSON value; `{}` when there is no body
 * @throws BodyRefused when it is over a mebibyte or not JSON; the socket's error when the caller left
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
    if (size > MAX_DISCARDED_BYTES) break
  }
  if (size > MAX_BYTES) {
    throw new BodyRefused(413, `the body may have at most ${MAX_BYTES} bytes`)
  }
  if (size === 0) return {}
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new BodyRefused(400, 'the body is not JSON')
  }
}

/** Sends JSON. Where the request was not read to its end, its connection cannot be used again. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(res, status, JSON.stringify(body), {
    'content-type': 'application/json; charset=utf-8',
    ...(res.req.complete ? {} : { connection: 'close' }),
    ...headers,
  })
}

export function sendText(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (res.destroyed) return
  const bytes = Buffer.from(text)
  res.writeHead(status, { ...headers, 'content-length': bytes.length })
  res.end(bytes)
}
