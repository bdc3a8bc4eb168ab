import { isSafePattern } from 'redos-detector'
import type { Rule } from './rule.ts'

/** What callers send is matched against contracts' patterns: one that backtracks lets a caller stop the process. */
export const patterns: Rule = ({ contracts }, findings) => {
  for (const { file, operations } of contracts) {
    for (const { operationId, place, definition } of operations.values()) {
      for (const pattern of patternsIn(definition)) {
        if (!backtracks(pattern)) continue
        const message = `openapi/${file} ${operationId}: the pattern ${pattern} backtracks: bound its repetitions, or make them exclude one another`
        findings.error(place, 'regex-backtracks', message)
      }
    }
  }
}

/** Long enough for every sound pattern; one that cannot be judged in it is not sound. */
const JUDGE_MS = 200
const judged = new Map<string, boolean>()
const MAX_JUDGED = 10_000

function backtracks(pattern: string): boolean {
  let verdict = judged.get(pattern)
  if (verdict === undefined) {
    verdict = !isSafe(pattern)
    if (judged.size < MAX_JUDGED) judged.set(pattern, verdict)
  }
  return verdict
}

function isSafe(pattern: string): boolean {
  try {
    return isSafePattern(pattern, { unicode: true, timeout: JUDGE_MS }).safe
  } catch {
    // Not a regular expression: the contract's own validation says so.
    return true
  }
}

function patternsIn(value: unknown, seen = new Set<unknown>()): Set<string> {
  const found = new Set<string>()
  const visit = (item: unknown): void => {
    if (typeof item !== 'object' || item === null || seen.has(item)) return
    seen.add(item)
    const { pattern, patternProperties } = item as {
      pattern?: unknown
      patternProperties?: unknown
    }
    if (typeof pattern === 'string') found.add(pattern)
    if (typeof patternProperties === 'object' && patternProperties !== null) {
      for (const key of Object.keys(patternProperties)) found.add(key)
    }
    for (const child of Object.values(item)) visit(child)
  }
  visit(value)
  return found
}
