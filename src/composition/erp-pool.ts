import { createKnownPrices } from '../connectors/knowledge/known-prices.ts'
import { createKnownStock } from '../connectors/knowledge/known-stock.ts'
import { createRouting } from '../connectors/routing.ts'
import type { ErpPlace } from '../domain/erp-place.ts'
import type { PostingErp } from '../domain/postings/posting-erp.ts'
import { jsonDigest } from '../kernel/canonical-json.ts'
import type { LocationId } from '../model/brand.ts'
import type { ErpChange } from '../model/erp-change.ts'
import type { WorkClass } from '../model/work-class.ts'
import type { ConnectionPolicy, PolicySet } from '../policy/policy-set.ts'
import type { ErpConnection } from '../ports/erp.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'
import { type OpenErp, type OpenErpDeps, openErp } from './open-erp.ts'

/** The sources of stock and prices of one policy set. */
export type Erps = {
  /** As the ERPs say it when they are asked. */
  readonly stock: StockSource
  readonly prices: PriceSource
  /** The same, from what they said before where that may be believed. */
  readonly known: { readonly stock: StockSource; readonly prices: PriceSource }
  /** Which ERP states the stock of a location. */
  erpAt(location: LocationId): ErpPlace | undefined
}

/**
 * Open ERPs that outlive policy sets: one whose settings an edit leaves alone keeps its sessions, sockets,
 * breaker and what is known of it.
 */
export interface ErpPool {
  /** Opens what the set needs and does not have yet. @throws Error when a connection cannot be made */
  sourcesFor(policies: PolicySet): Erps
  /** An ERP that documents are posted to, by the name of its connection. */
  postingErp(policies: PolicySet, connection: string): PostingErp | undefined
  /** Something has changed at an ERP. @returns false when there is no such connection */
  take(connection: string, changes: readonly ErpChange[]): Promise<boolean>
  /** What any ERP said of these things is not believed any more. */
  outdate(changes: readonly ErpChange[]): void
  /** Tells the connections when to keep still, and closes what this set does not need, once the calls that still use it must have ended. */
  keepOnly(policies: PolicySet): void
  close(): Promise<void>
}

/** Longer than any operation may take (api-schema.ts: timeoutMs), so that nothing is cut. */
const DRAIN_MS = 61_000

export function createErpPool(deps: OpenErpDeps): ErpPool {
  const open = new Map<string, OpenErp>()
  const draining = new Map<OpenErp, NodeJS.Timeout>()

  const erpFor = (settings: ConnectionPolicy, { gateway }: PolicySet): OpenErp => {
    const digest = digestOf(settings, gateway.workClasses)
    const erp = open.get(digest) ?? openErp(settings, gateway.workClasses, deps)
    open.set(digest, erp)
    return erp
  }

  return {
    sourcesFor(policies) {
      const erps = [...policies.connections.values()].map(settings => erpFor(settings, policies))
      const connections = new Map(erps.map(({ connection }) => [connection.name, connection]))
      const routing = createRouting(policies.routes, connections, policies.locations)
      const knowledge = new Map<ErpConnection | undefined, OpenErp['knowledge']>(
        erps.map(erp => [erp.connection, erp.knowledge]),
      )
      return {
        ...routing,
        known: {
          stock: createKnownStock(
            routing.stock,
            ({ location }) => knowledge.get(routing.connectionAt(location)),
            deps.clock,
          ),
          prices: createKnownPrices(
            routing.prices,
            ({ channel }) => knowledge.get(routing.connectionFor(channel)),
            deps.clock,
          ),
        },
        erpAt(location) {
          const connection = routing.connectionAt(location)
          if (!connection) return undefined
          const { name, capabilities } = connection
          const toldMovementsOf = policies.connections.get(name)?.movements?.tell
          return { connection: name, ...capabilities, toldMovementsOf }
        },
      }
    },
    postingErp(policies, name) {
      const settings = policies.connections.get(name)
      if (!settings) return undefined
      const { capabilities, orders, movements } = erpFor(settings, policies).connection
      return { ...capabilities, orders, movements }
    },
    async take(name, changes) {
      const concerned = [...open.values()].filter(({ connection }) => connection.name === name)
      await Promise.all(concerned.map(({ follower }) => follower?.take(changes)))
      return concerned.length > 0
    },
    outdate(changes) {
      for (const { follower } of open.values()) follower?.outdate(changes)
    },
    keepOnly(policies) {
      const needed = new Set<string>()
      for (const settings of policies.connections.values()) {
        const digest = digestOf(settings, policies.gateway.workClasses)
        needed.add(digest)
        open.get(digest)?.connection.maintainDuring(settings.maintenance)
      }
      for (const [digest, erp] of open) {
        if (needed.has(digest)) continue
        open.delete(digest)
        const timer = setTimeout(() => {
          draining.delete(erp)
          void erp.close()
        }, DRAIN_MS)
        timer.unref()
        draining.set(erp, timer)
      }
    },
    async close() {
      for (const timer of draining.values()) clearTimeout(timer)
      for (const erp of [...draining.keys(), ...open.values()]) await erp.close()
    },
  }
}

/** Everything but where it is written, and what can be told to an open connection or is none of its business. */
const digestOf = (
  { at: _, maintenance: __, movements: ___, ...settings }: ConnectionPolicy,
  classes: readonly WorkClass[],
): string => jsonDigest({ settings, classes })
