import type { Place } from '../kernel/place.ts'
import type { ChannelId, LocationId } from '../model/brand.ts'
import type { ConnectionSettings, ErpBudget, KnowledgeSettings } from '../model/erp-connection.ts'
import type { Limits } from '../model/limits.ts'
import type { Channel, Location } from '../model/network.ts'
import type { Window } from '../model/windows.ts'
import type { WorkClass } from '../model/work-class.ts'

/**
 * The policies, compiled: one frozen value that the gateway is built from. A new set replaces the
 * old one whole. `at` on every part is the place that decided it.
 */
export type PolicySet = {
  /** SHA-256 over all files, first 12 hex digits: stands in the access log and on every trail. */
  readonly revision: string
  readonly gateway: GatewayPolicy
  readonly plans: ReadonlyMap<string, PlanPolicy>
  readonly consumers: ReadonlyMap<string, ConsumerPolicy>
  readonly apis: ReadonlyMap<string, ApiPolicy>
  readonly connections: ReadonlyMap<string, ConnectionPolicy>
  readonly routes: readonly RoutePolicy[]
  readonly locations: ReadonlyMap<LocationId, LocationPolicy>
  readonly channels: ReadonlyMap<ChannelId, ChannelPolicy>
}

export type GatewayPolicy = {
  readonly at: Place
  readonly listener: {
    readonly maxBodyBytes: number
    readonly maxHeaderBytes: number
    readonly requestTimeoutMs: number
    readonly keepAliveTimeoutMs: number
    readonly maxConnections: number
  }
  readonly ownIssuer: OwnIssuerPolicy
  readonly tokenIssuers: readonly TokenIssuerPolicy[]
  /** The most important first. */
  readonly workClasses: readonly WorkClass[]
  /** When load is shed; undefined for never. */
  readonly shedding:
    | { readonly at: Place; readonly eventLoopDelayMs: number; readonly maxInFlight: number }
    | undefined
  readonly cache: { readonly maxBytes: number }
  /** `enforce` refuses an answer that breaks the contract, `detect` counts and logs it. */
  readonly responseValidation: 'enforce' | 'detect'
  readonly accessLog: { readonly sampleSuccesses: number }
  /** Business hours and the like, by name. */
  readonly calendars: ReadonlyMap<string, readonly Window[]>
  /** When no edit takes effect. */
  readonly freezes: readonly Window[]
  readonly freezeOverride: FreezeOverride | undefined
  /** Trust an incoming `traceparent`'s sampled flag (W3C Trace Context); false means 0 % by callers' wish. */
  readonly trustSampling: boolean
}

/** Who lets this set take effect in a freeze, and why; until when, epoch ms. */
export type FreezeOverride = {
  readonly at: Place
  readonly by: string
  readonly reason: string
  readonly until: number
}

/** The issuer that Postern itself is. Algorithm and lifetimes; keys come from the key store. */
export type OwnIssuerPolicy = {
  readonly at: Place
  readonly issuer: string
  readonly audience: string
  readonly algorithm: 'RS256' | 'PS256' | 'ES256'
  readonly accessTokenTtlSeconds: number
  /** How long the key that was replaced still verifies. */
  readonly rotationOverlapSeconds: number
}

/** Somebody else's tokens that we accept. */
export type TokenIssuerPolicy = {
  readonly at: Place
  readonly issuer: string
  readonly jwksUri: string
  readonly audience: string
  readonly algorithms: readonly string[]
  /** The claim that names the consumer; `client_id` by default. */
  readonly consumerClaim: string
  /** Accepted `typ` header values; `at+jwt` by default. */
  readonly types: readonly string[]
  readonly clockToleranceSeconds: number
  /** At most one fetch of the JWKS in this time, however many unknown `kid`s arrive. */
  readonly jwksCooldownSeconds: number
  readonly jwksMaxAgeSeconds: number
}

export type PlanPolicy = {
  readonly at: Place
  readonly id: string
  readonly limits: Limits
  readonly mode: Mode
  /** When the plan may be used; undefined for always. */
  readonly hours: { readonly calendar: string; readonly windows: readonly Window[] } | undefined
  readonly paid: boolean
  readonly workClass: string
  /** The plan lets a caller read through the cache with `Cache-Control: no-cache`. */
  readonly allowNoCache: boolean
}

export type ConsumerPolicy = {
  readonly at: Place
  readonly id: string
  readonly name: string
  readonly contact: string
  readonly plan: PlanPolicy
  readonly scopes: ReadonlySet<string>
  readonly channels: ReadonlySet<string>
  readonly regions: ReadonlySet<string>
  readonly clientId: string
  readonly clientSecretHashes: readonly CredentialHash[]
  readonly apiKeyHashes: readonly CredentialHash[]
  /** Its credentials come from the data folder's demo.json; refused in production. */
  readonly demo: boolean
}

/** `sha256:<64 hex>` of a random credential; past `expiresAt` (epoch ms) it is not accepted. */
export type CredentialHash = {
  readonly at: Place
  readonly hash: string
  readonly expiresAt: number | undefined
}

export type ApiPolicy = {
  readonly at: Place
  readonly id: string
  readonly owner: { readonly team: string; readonly contact: string }
  readonly versions: ReadonlyMap<string, VersionPolicy>
}

export type VersionPolicy = {
  readonly at: Place
  /** `v2` */
  readonly version: string
  /** File name under openapi/. */
  readonly contract: string
  readonly lifecycle: LifecyclePolicy
  readonly operations: ReadonlyMap<string, OperationPolicy>
}

export type LifecyclePolicy = {
  readonly at: Place
  readonly state: 'draft' | 'active' | 'deprecated' | 'retired'
  /** Epoch ms. */
  readonly deprecatedAt: number | undefined
  readonly sunsetAt: number | undefined
  /** Short refusals before the sunset. */
  readonly brownOuts: readonly Window[]
  /** Ids of the consumers to whom a draft is there. */
  readonly previewFor: ReadonlySet<string>
  /** The successor's version, `v2`. */
  readonly successor: string | undefined
  readonly migrationGuide: string | undefined
}

/**
 * `shadow`: what would be refused is only counted. A share: it is refused for so many percent of the
 * consumers, and only counted for the others.
 */
export type Mode = 'enforce' | 'shadow' | { readonly enforcePercent: number }

/** What governs one operation. Every part has its place; an absent optional part means "not governed by it". */
export type OperationPolicy = {
  readonly at: Place
  readonly operationId: string
  readonly mode: Mode
  readonly scopes: { readonly at: Place; readonly all: readonly string[] }
  readonly cost: CostPolicy
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly cache: CachePolicy | undefined
  /** Undefined where the policy does not say; a safe operation needs none. */
  readonly idempotency: 'required' | 'none' | undefined
}

/** Units that a call costs: `base`, plus one per `unitsPer.count` items of a list parameter or body list. */
export type CostPolicy = {
  readonly at: Place
  readonly base: number
  /** `{ in: 'query', name: 'sku', count: 20 }`: one more unit for each started 20 SKUs beyond the first 20. */
  readonly perItems:
    | { readonly in: 'query' | 'body'; readonly name: string; readonly count: number }
    | undefined
}

export type CachePolicy = {
  readonly at: Place
  readonly ttlSeconds: number
  readonly staleWhileRevalidateSeconds: number
  readonly staleIfErrorSeconds: number
  /** 0.1 spreads expiry by ±10 %, so that what was filled together does not expire together. */
  readonly jitter: number
  /** What the client may keep, in seconds (`Cache-Control: private, max-age`). */
  readonly clientMaxAgeSeconds: number
  /**
   * The consumer traits that the answer may depend on, and nothing else does: `channels`, `regions`,
   * `scope:inventory:quantity`, `consumer`. A handler that asks for another trait fails.
   */
  readonly vary: readonly string[]
}

export type LocationPolicy = Location & { readonly at: Place }

export type ChannelPolicy = Channel & { readonly at: Place }

export type ConnectionPolicy = ConnectionSettings & {
  readonly at: Place
  /** What the ERP bears of each process; undefined where it does not say. */
  readonly budget?: ErpBudget | undefined
  /** How what it says is remembered; undefined when it is not. */
  readonly knowledge?: KnowledgeSettings | undefined
  /** Whose movements of stock it is told of; nobody's when undefined. */
  readonly movements?: { readonly tell: 'all' | readonly string[] } | undefined
  /** When the ERP is known to be away. */
  readonly maintenance: readonly Window[]
}

/** Which connection serves a place: the first route that matches, most specific kind first. */
export type RoutePolicy = {
  readonly at: Place
  readonly connection: string
  readonly locations: readonly LocationId[] | undefined
  readonly regions: readonly string[] | undefined
  readonly channels: readonly ChannelId[] | undefined
}
