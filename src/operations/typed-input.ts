import type { Admitted } from '../gateway/exchange.ts'

/** The part of a generated operation type that says what comes in. */
type Contract = {
  readonly parameters: { readonly query?: unknown; readonly path?: unknown }
  readonly requestBody?: { readonly content: { readonly 'application/json': unknown } }
}

/*
 * An admitted call's input has passed the contract that these types are generated from: this is where
 * the compiler is told so, and nowhere else.
 */

export const queryOf = <Op extends Contract>(exchange: Admitted) =>
  exchange.query as NonNullable<Op['parameters']['query']>

export const paramsOf = <Op extends Contract>(exchange: Admitted) =>
  exchange.params as NonNullable<Op['parameters']['path']>

export const bodyOf = <Op extends Contract>(exchange: Admitted) =>
  exchange.body as NonNullable<Op['requestBody']>['content']['application/json']
