import { type ParseError, parse } from 'jsonc-parser'
import { Problem } from '../kernel/problems.ts'
import type { OperationContract } from './contract.ts'
import type { Arrived } from './exchange.ts'

/**
 * Reads a JSON body as the contract takes it.
 *
 * @returns undefined when an optional body is absent
 * @throws Problem `unsupported-media-type`, `payload-too-large`, or `invalid-request` with the place
 *   at which the text stops being JSON
 */
export async function readJsonBody(
  exchange: Arrived,
  contract: OperationContract,
  maxBytes: number,
): Promise<unknown> {
  requireMediaType(exchange, contract)
  const bytes = await exchange.readBody(maxBytes)
  if (bytes.length === 0) {
    // An absent optional body is fine; for a required one the validator says so, with the rest.
    return undefined
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('is not UTF-8 text')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(`is not JSON: ${placeOf(text)}`)
  }
}

function requireMediaType(exchange: Arrived, contract: OperationContract): void {
  const { headers } = exchange
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  if (!hasBody) return
  const given = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (given && contract.bodyTypes.includes(given) && (!encoding || encoding === 'identity')) return
  throw new Problem('unsupported-media-type', {
    detail: `Send the body as ${contract.bodyTypes.join(' or ')}, uncompressed.`,
    headers: { 'Accept-Post': contract.bodyTypes.join(', '), 'Accept-Encoding': 'identity' },
  })
}

const malformed = (message: string): Problem =>
  new Problem('invalid-request', {
    detail: `The body ${message}.`,
    errors: [{ pointer: '#/body', code: 'json', message }],
  })

/** `line 3, column 14`, without quoting the caller's text back. V8's own message has no reliable place. */
function placeOf(text: string): string {
  const errors: ParseError[] = []
  parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  const before = text.slice(0, errors[0]?.offset ?? text.length).split('\n')
  return `unexpected text at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}
