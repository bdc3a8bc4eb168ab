/** Why a limited call was ended: its own time was up, as opposed to its caller's wish. */
export class TimeUp extends Error {
  override name = 'TimeUp'

  /** @param ms how long it had */
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms)} ms`)
  }
}

/**
 * Runs `work` with a signal that ends after `ms` or with `outer`, and does not wait longer, even for
 * work that ignores its signal.
 *
 * @throws TimeUp, or the outer signal's reason, or what `work` throws
 */
export async function withTimeLimit<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted()
  const controller = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    controller.abort(reason)
    ended.reject(reason)
  }
  const onOuter = () => end(outer.reason)
  outer.addEventListener('abort', onOuter, { once: true })
  const timer = setTimeout(() => end(new TimeUp(ms)), ms)
  try {
    return await Promise.race([work(controller.signal), ended.promise])
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', onOuter)
  }
}
