import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Gateway } from '../gateway/gateway.ts'
import { problemReply } from '../gateway/problem-reply.ts'
import { newCorrelationId } from '../kernel/ids.ts'
import type { Logger } from '../kernel/logger.ts'
import { Problem, type ProblemCode } from '../kernel/problems.ts'
import type { GatewayPolicy } from '../policy/policy-set.ts'
import { sendReply, toCall } from './governed.ts'

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/**
 * The public listener. Governed paths go straight to the gateway; Express serves the rest (token
 * endpoint, documents), because its per-request work costs several times the governed path's.
 */
export function createPublicServer(options: {
  gateway: Gateway
  rest: Listener
  limits: GatewayPolicy['listener']
  logger: Logger
}): Server {
  const { gateway, rest, limits, logger } = options
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      // Node keeps the first of two Authorization fields, silently. Joined, they are seen and refused:
      // what stands in front of us may have judged the other one.
      joinDuplicateHeaders: true,
    },
    (req, res) => {
      if (!gateway.serves(req.url ?? '/')) return rest(req, res)
      const reply = gateway.handle(toCall(req, res))
      if (reply instanceof Promise) {
        reply.then(
          ready => sendReply(res, ready),
          error => {
            logger.error({ error }, 'the pipeline let an error through')
            res.destroy()
          },
        )
      } else {
        sendReply(res, reply)
      }
    },
  )
  server.maxConnections = limits.maxConnections
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseUnreadable(error, socket as Socket)
  })
  return server
}

/** Answers what never became a request: the header was too large, too slow, or not HTTP. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code: ProblemCode =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'header-fields-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request-timeout'
        : 'invalid-request'
  const id = newCorrelationId()
  const reply = problemReply(new Problem(code), id, {})
  const body = reply.body.kind === 'json' ? JSON.stringify(reply.body.value) : ''
  socket.end(
    [
      `HTTP/1.1 ${reply.status} ${STATUS_TEXT[reply.status] ?? ''}`,
      `X-Correlation-Id: ${id}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
