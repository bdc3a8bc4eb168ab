/** What a connection can do and how its numbers are meant. Data: no domain assumes any of it. */
export type ErpCapabilities = {
  readonly quantitySemantics: 'PHYSICAL' | 'NET_OF_ERP_ORDERS'
  readonly changeSequence: 'NATIVE' | 'NONE'
  readonly idempotencySupport: 'EXTERNAL_ID' | 'NONE'
  /** Calls at the same time that the ERP bears. */
  readonly maxConcurrency: number
  readonly maxStockKeys: number
  readonly maxPriceKeys: number
  /** An order there is of one place: what several places deliver becomes several orders. */
  readonly oneLocationPerOrder?: boolean | undefined
}

/** What a connection may be asked for: the ports of src/ports/erp.ts. */
export type PortName = 'inventory' | 'pricing' | 'orders' | 'movements'

/** A configured connection to one ERP, as a connector and its guard are made from it. */
export type ConnectionSettings = {
  readonly name: string
  readonly connector: string
  readonly address: string
  readonly capabilities: ErpCapabilities
  readonly guard: GuardSettings
  readonly timeZone: string
  readonly baseCurrency: string
  /** Checked by the connector's own schema; secrets already resolved from the environment. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Readonly<Record<string, unknown>>
}

/** HTTP requests that an ERP bears of all gateway processes together. */
export type ErpBudget = {
  /** In any second; under 1: one in so many seconds. */
  readonly perSecond?: number | undefined
  /** In a calendar day of the ERP's time zone. */
  readonly perDay?: number | undefined
}

/** How long what an ERP said is believed. */
export type KnowledgeSettings = {
  /** What is kept may take so much memory in this process, bytes. */
  readonly maxBytes: number
  readonly stock: Believed
  readonly prices: Believed
  /** How often the ERP is asked what changed, ms; without it nothing but time makes us ask again. */
  readonly pollMs?: number | undefined
}

export type Believed = {
  /** Without a word from the ERP; a price no longer than it is in force. */
  readonly seconds: number
  /** While the ERP says what changes. */
  readonly watchedSeconds: number
  /** When the ERP cannot be asked. */
  readonly overdueSeconds: number
}

/** How any connection is protected, and how long a caller waits for it. */
export type GuardSettings = {
  readonly timeoutMs: number
  readonly maxConcurrency: number
  readonly maxQueue: number
  /** Attempts in all, for reads that failed as `unreachable`, `busy` or `session`; 1 means no retry. */
  readonly attempts: number
  readonly backoffMs: { readonly initial: number; readonly max: number }
  readonly breaker: {
    /** Opens when this share of calls failed … */
    readonly failureRatio: number
    /** … of at least this many calls a second … */
    readonly minimumPerSecond: number
    /** … within this time; tries again after `halfOpenAfterMs`. */
    readonly windowMs: number
    readonly halfOpenAfterMs: number
  }
}
