import jsonata from 'jsonata'
import { MappingError } from './expression.ts'

/** A mapping that takes longer is wrong: an answer is mapped on the caller's time, in our process. */
const MAX_MS = 500
const MAX_DEPTH = 200
/**
 * jsonata's own hooks for bounding an evaluation: symbols since 2.1, so that an expression cannot rebind
 * them; its types still say that names are texts.
 */
const ENTRY = Symbol.for('jsonata.__evaluate_entry') as unknown as string
const EXIT = Symbol.for('jsonata.__evaluate_exit') as unknown as string

/** It would never have ended, or only after too long. */
export class Unbounded extends MappingError {
  override name = 'Unbounded'
}

/**
 * Compiles a JSONata expression that makes the rows of an answer.
 *
 * @throws Error when it is not JSONata
 */
export function compileJsonata(text: string): (answer: unknown) => Promise<readonly unknown[]> {
  jsonata(text)
  return async answer => {
    // Made for each call: the bounds belong to one evaluation.
    const expression = jsonata(text)
    const startedAt = performance.now()
    let depth = 0
    const check = () => {
      if (depth > MAX_DEPTH) throw new Unbounded('jsonata: recurses too deeply')
      if (performance.now() - startedAt > MAX_MS) {
        throw new Unbounded(`jsonata: takes longer than ${MAX_MS} ms`)
      }
    }
    expression.assign(ENTRY, () => {
      depth++
      check()
    })
    expression.assign(EXIT, () => {
      depth--
      check()
    })
    let result: unknown
    try {
      result = await expression.evaluate(answer)
    } catch (error) {
      if (error instanceof MappingError) throw error
      throw new MappingError(`jsonata: ${(error as { message?: string }).message ?? 'failed'}`)
    }
    return result === undefined ? [] : Array.isArray(result) ? result : [result]
  }
}
