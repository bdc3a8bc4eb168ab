import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingCall } from '../gateway/exchange-of.ts'
import type { Reply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'

/** A request as the gateway takes it; nothing of the socket goes further. */
export function toCall(req: IncomingMessage, res: ServerResponse): IncomingCall {
  return {
    method: req.method ?? 'GET',
    url: req.url ?? '/',
    headers: req.headers,
    readBody: maxBytes => readBody(req, maxBytes),
    onHangUp: listener => {
      res.once('close', () => {
        if (!res.writableFinished) {
          listener(new DOMException('the caller has hung up', 'AbortError'))
        }
      })
    },
  }
}

/** Sends a reply. A HEAD request gets the header of what GET would have sent. */
export function sendReply(res: ServerResponse, reply: Reply): void {
  if (res.headersSent || res.destroyed) return
  const { body } = reply
  const headers = [...reply.headers, 'X-Content-Type-Options', 'nosniff']
  if (body.kind === 'empty') {
    if (reply.status !== 304 && reply.status !== 204) headers.push('Content-Length', '0')
    res.writeHead(reply.status, headers)
    res.end()
    return
  }
  const bytes = body.kind === 'bytes' ? body.value : Buffer.from(JSON.stringify(body.value))
  headers.push('Content-Type', body.contentType, 'Content-Length', String(bytes.length))
  res.writeHead(reply.status, headers)
  res.end(bytes)
}

/** @throws Problem `payload-too-large`; what is still to come of the body is not read */
function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new Problem('payload-too-large', {
      detail: `The body may have at most ${maxBytes} bytes.`,
      extensions: { maxBytes },
      headers: { Connection: 'close' },
    })
  if (Number(req.headers['content-length']) > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        req.removeAllListeners('data')
        req.pause()
        reject(tooLarge())
      } else {
        chunks.push(chunk)
      }
    })
    req.once('end', () => resolve(Buffer.concat(chunks)))
    req.once('error', reject)
    req.once('close', () => reject(new DOMException('the caller has hung up', 'AbortError')))
  })
}
