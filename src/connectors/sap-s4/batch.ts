import type { HttpAnswer } from '../http-transport.ts'

/** One request in a `$batch`: its path is relative to the service. */
export type BatchPart =
  | { readonly method: 'GET'; readonly path: string }
  | { readonly method: 'POST'; readonly path: string; readonly body: unknown }

const LINE = '\r\n'
const HTTP_PART = `Content-Type: application/http${LINE}Content-Transfer-Encoding: binary${LINE}${LINE}`

/**
 * Writes a `$batch`: each read for itself, each POST in a change set of its own, so that one that is
 * refused takes no other with it.
 *
 * @see OData V2, "Batch Processing"; SAP wants CRLF and relative addresses
 */
export function batchBody(parts: readonly BatchPart[], boundary: string): string {
  const written = parts.map((part, i) => {
    if (part.method === 'GET') return HTTP_PART + requestText(part)
    const inner = `set_${i}_${boundary}`
    return [
      `Content-Type: multipart/mixed; boundary=${inner}${LINE}`,
      `--${inner}`,
      HTTP_PART + requestText(part),
      `--${inner}--`,
      '',
    ].join(LINE)
  })
  return [...written.map(text => `--${boundary}${LINE}${text}`), `--${boundary}--`, ''].join(LINE)
}

function requestText(part: BatchPart): string {
  const body = part.method === 'POST' ? JSON.stringify(part.body) : ''
  const sized = body
    ? [`Content-Type: application/json`, `Content-Length: ${Buffer.byteLength(body)}`]
    : []
  const head = [`${part.method} ${part.path} HTTP/1.1`, 'Accept: application/json', ...sized]
  return [...head, '', body, ''].join(LINE)
}

/**
 * The answers in the order of the parts. A change set that failed as a whole is one answer.
 *
 * @param contentType of the whole, with its boundary
 * @throws RangeError when it is no multipart text
 */
export function batchAnswers(text: string, contentType: string): readonly HttpAnswer[] {
  const [, boundary] = /^multipart\/mixed\s*;.*?boundary="?([^";\s]+)"?/i.exec(contentType) ?? []
  if (boundary === undefined) throw new RangeError('no multipart answer')
  // A boundary may be the beginning of another one.
  const [, ...rest] = (LINE + text).split(
    new RegExp(`\\r\\n--${boundary.replace(/\W/g, '\\$&')}(?=--|[ \\t]*\\r\\n)`),
  )
  if (!rest.at(-1)?.startsWith('--')) throw new RangeError('the multipart answer is cut short')
  return rest.slice(0, -1).flatMap(part => {
    const { headers, body } = headAndBody(part.slice(LINE.length))
    const type = headers['content-type'] ?? ''
    if (/^multipart\/mixed/i.test(type)) return batchAnswers(body, type)
    const [statusLine = '', ...http] = body.split(LINE)
    const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(statusLine) ?? []
    if (status === undefined) throw new RangeError('a part without a status')
    const inner = headAndBody(http.join(LINE))
    return { status: Number(status), headers: inner.headers, text: inner.body.trim() }
  })
}

function headAndBody(text: string): { headers: Record<string, string>; body: string } {
  // Without any header the blank line comes first.
  const at = text.startsWith(LINE) ? 0 : text.indexOf(LINE + LINE)
  const head = at < 0 ? text : text.slice(0, at)
  const headers = Object.fromEntries(
    head.split(LINE).flatMap(line => {
      const colon = line.indexOf(':')
      if (colon <= 0) return []
      return [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]]
    }),
  )
  const body = at < 0 ? '' : text.slice(at).replace(/^(\r\n){1,2}/, '')
  return { headers, body }
}
