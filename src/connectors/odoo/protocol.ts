import { parseExactJson } from '../declarative/exact-json.ts'
import { garbled } from '../failures.ts'
import type { Exchange, HttpAnswer, HttpRequest, HttpTransport } from '../http-transport.ts'
import { memberOf, rpcFailure, statusFailure } from './failures.ts'

/** One call of a method: what `/jsonrpc` takes by place and `/json/2` by name. */
export type MethodCall = {
  readonly model: string
  readonly method: string
  /** In the method's own order, by the names of its parameters; `ids` first where it works on records. */
  readonly args: readonly (readonly [name: string, value: unknown])[]
  readonly kwargs?: Readonly<Record<string, unknown>>
}

/** `POST /jsonrpc`; numbers of the result are text. @throws UpstreamFailure */
export async function callJsonRpc(
  http: HttpTransport,
  params: { readonly service: string; readonly method: string; readonly args: readonly unknown[] },
  exchange: Exchange,
): Promise<unknown> {
  const body = { jsonrpc: '2.0', method: 'call', id: 1, params }
  const answer = await http.send({ method: 'POST', path: '/jsonrpc', headers: {}, body }, exchange)
  const told = bodyOf(answer)
  if (answer.status !== 200) throw statusFailure(answer, told, exchange)
  if (memberOf(told, 'jsonrpc') !== '2.0') throw garbled('no JSON-RPC answer', exchange)
  const error = memberOf(told, 'error')
  if (error !== undefined) throw rpcFailure(error, exchange)
  // A method that returns None gives no `result` at all.
  return memberOf(told, 'result')
}

/** `POST /json/2/<model>/<method>`; numbers of the result are text. @throws UpstreamFailure */
export async function callJson2(
  http: HttpTransport,
  { model, method, args, kwargs }: MethodCall,
  headers: HttpRequest['headers'],
  exchange: Exchange,
): Promise<unknown> {
  const path = `/json/2/${model}/${method}`
  const body = { ...Object.fromEntries(args), ...kwargs }
  const answer = await http.send({ method: 'POST', path, headers, body }, exchange)
  const told = bodyOf(answer)
  if (answer.status !== 200) throw statusFailure(answer, told, exchange)
  if (told === undefined) throw garbled('the answer is not JSON', exchange)
  return told
}

function bodyOf({ text }: HttpAnswer): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}
