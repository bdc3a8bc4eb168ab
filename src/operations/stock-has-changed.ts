import { invalidating } from '../gateway/cache-groups.ts'
import type { Reply } from '../gateway/reply.ts'
import { stockGroup } from './groups.ts'
import type { OperationDeps } from './operation-deps.ts'

/** Tells of it, here and to the caller's own cache: more or less of these SKUs may be promised now. */
export function stockHasChanged(
  { stockChanged }: Pick<OperationDeps, 'stockChanged'>,
  reply: Reply,
  skus: readonly string[],
): Reply {
  stockChanged(skus)
  return invalidating(reply, skus.map(stockGroup))
}
