import type { ErpDocument, PostingState } from '../../model/order.ts'
import type { Occasion } from '../occasion.ts'

/** What follows, in the same transaction, from how it went to tell an ERP something. */
export interface Told {
  confirmed(document: ErpDocument, occasion: Occasion): Promise<void>
  /** The ERP will not have it. @returns how the posting stands then */
  rejected(detail: string, occasion: Occasion): Promise<PostingState>
  /** It was tried too often. */
  dead(cause: string, occasion: Occasion): Promise<void>
}
