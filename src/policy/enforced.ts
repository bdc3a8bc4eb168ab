import { createHash } from 'node:crypto'
import type { Mode } from './policy-set.ts'

/**
 * Whether a refusal under this mode is carried out for this consumer.
 *
 * A share picks consumers by the hash of their id: the same ones in every process and at every call,
 * and raising it only adds some.
 */
export function isEnforced(mode: Mode, consumerId: string): boolean {
  if (mode === 'enforce') return true
  if (mode === 'shadow') return false
  return percentileOf(consumerId) < mode.enforcePercent
}

/** 0 ≤ x < 100, evenly spread over ids. */
function percentileOf(consumerId: string): number {
  const digest = createHash('sha256').update(consumerId).digest()
  return (digest.readUInt32BE(0) / 2 ** 32) * 100
}
