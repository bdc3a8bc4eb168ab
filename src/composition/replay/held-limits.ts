import TinyQueue from 'tinyqueue'
import { andThen } from '../../kernel/maybe-promise.ts'
import type { LimitCounter } from '../../ports/limits.ts'

type Slot = { readonly endsAt: number; release(): void }

/** Limits under which a replayed call keeps its place for as long as the recorded one took. */
export interface HeldLimits extends LimitCounter {
  /** Gives back the places of calls that had ended by then, and says until when the next one lasts. */
  moveTo(now: number, endsAt: number): void
}

export function createHeldLimits(inner: LimitCounter): HeldLimits {
  const slots = new TinyQueue<Slot>([], (a, b) => a.endsAt - b.endsAt)
  let callEndsAt = 0
  return {
    moveTo(now, endsAt) {
      for (let slot = slots.peek(); slot && slot.endsAt <= now; slot = slots.peek()) {
        slot.release()
        slots.pop()
      }
      callEndsAt = endsAt
    },
    admit: (key, limits, cost, now) =>
      andThen(inner.admit(key, limits, cost, now), decision => {
        if (decision.violated) return decision
        slots.push({ endsAt: callEndsAt, release: () => decision.release() })
        return { ...decision, release() {} }
      }),
    close: () => inner.close(),
  }
}
