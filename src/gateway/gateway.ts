import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { MaybePromise } from '../kernel/maybe-promise.ts'
import { Problem } from '../kernel/problems.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { type CompileDeps, compile } from './compile.ts'
import type { ContractDocument, OperationContract } from './contract.ts'
import type { Admitted, Handler } from './exchange.ts'
import { Exchange, type IncomingCall } from './exchange-of.ts'
import { networkBasis, planFor } from './plan.ts'
import type { Reply } from './reply.ts'
import { createRouteIndex, type RouteIndex } from './route-index.ts'
import { asProblem } from './steps/as-problem.ts'
import { observed } from './steps/observed.ts'

/** The governed paths: every operation of every contract, each compiled with its policies. */
export interface Gateway {
  /** Whether the path belongs to a governed API; anything else is not the gateway's. */
  serves(url: string): boolean
  /** Never throws and never rejects: whatever happens becomes a reply. */
  handle(call: IncomingCall): MaybePromise<Reply>
}

type Compiled = {
  readonly contract: OperationContract
  readonly timeoutMs: number
  readonly run: (exchange: Exchange) => MaybePromise<Reply>
}

export type GatewayDeps = CompileDeps & { readonly clock: Clock; readonly logger: Logger }

/**
 * Compiles every operation of `contracts` under `policies`.
 *
 * @param operations what serves each operation, by operationId
 * @throws Error when one cannot be compiled: then the gateway does not start
 */
export function createGateway(
  contracts: readonly ContractDocument[],
  policies: PolicySet,
  operations: Readonly<Record<string, Handler<Admitted>>>,
  deps: GatewayDeps,
): Gateway {
  const prefixes = new Set(contracts.map(({ api }) => `/${api}/`))
  const network = networkBasis(policies)
  const compiled = contracts.flatMap(document =>
    document.operations.map(contract => {
      const handler = operations[contract.operationId]
      if (!handler) throw new Error(`nothing serves the operation ${contract.operationId}`)
      const plan = planFor(contract, policies, network)
      const run = compile(plan, handler, deps)
      return { operation: contract, target: { contract, timeoutMs: plan.operation.timeoutMs, run } }
    }),
  )
  const routes: RouteIndex<Compiled> = createRouteIndex(compiled)
  const settings = { clock: deps.clock, trustSampling: policies.gateway.trustSampling }
  const lost = notRouted(deps)
  return {
    serves(url) {
      const end = url.indexOf('/', 1)
      return end > 0 && prefixes.has(url.slice(0, end + 1))
    },
    handle(call) {
      const mark = call.url.indexOf('?')
      const path = mark < 0 ? call.url : call.url.slice(0, mark)
      const match = routes.match(call.method, path)
      if (!match.found) {
        const exchange = new Exchange(call, { ...settings, timeoutMs: 1_000, pathParams: {} })
        return lost(exchange, match.allow)
      }
      const { run, timeoutMs } = match.target
      return run(new Exchange(call, { ...settings, timeoutMs, pathParams: match.params }))
    },
  }
}

/** Answers what matches no operation, observed like everything else. */
function notRouted(deps: GatewayDeps) {
  return (exchange: Exchange, allow: readonly string[]): MaybePromise<Reply> =>
    observed(
      { clock: deps.clock, ...deps.observe(undefined) },
      asProblem({ docs: {}, logger: deps.logger }, () => {
        if (allow.length === 0) throw new Problem('not-found')
        throw new Problem('method-not-allowed', {
          detail: `The path takes ${allow.join(', ')}.`,
          headers: { Allow: allow.join(', ') },
        })
      }),
    )(exchange)
}
