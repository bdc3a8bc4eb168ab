/**
 * A value now, or later. A governed cached read stays synchronous from end to end; the same step
 * works unchanged when something below it has to wait.
 */
export type MaybePromise<T> = T | Promise<T>

/** Continues with `onValue` at once for a value, later for a promise. Errors pass through. */
export function andThen<T, R>(
  value: MaybePromise<T>,
  onValue: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(onValue) : onValue(value)
}

/** Runs `work`, then `after` exactly once, whether it returned, threw, resolved or rejected. */
export function andFinally<T>(work: () => MaybePromise<T>, after: () => void): MaybePromise<T> {
  let result: MaybePromise<T>
  try {
    result = work()
  } catch (error) {
    after()
    throw error
  }
  if (result instanceof Promise) return result.finally(after)
  after()
  return result
}

/** Runs `work`; an error, thrown or rejected, becomes whatever `onError` returns. */
export function orElse<T>(
  work: () => MaybePromise<T>,
  onError: (error: unknown) => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const result = work()
    return result instanceof Promise ? result.catch(onError) : result
  } catch (error) {
    return onError(error)
  }
}
