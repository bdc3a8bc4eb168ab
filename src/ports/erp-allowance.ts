import type { MaybePromise } from '../kernel/maybe-promise.ts'

/** One more request to an ERP is allowed, or is not yet. */
export type Allowed =
  | { readonly ok: true; giveBack(): void }
  | { readonly ok: false; readonly againInMs: number }

/** What an ERP bears of all that call it, requests counted one by one. */
export interface ErpAllowance {
  /**
   * Takes one request out of the budget, if that leaves the other work classes what is set aside for them.
   * `giveBack` is called once, when the request has ended.
   */
  take(workClass: string): MaybePromise<Allowed>
  close(): Promise<void>
}
