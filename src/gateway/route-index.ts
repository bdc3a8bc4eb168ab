import Router from 'find-my-way'
import type { OperationContract } from './contract.ts'

export type RouteMatch<T> =
  | { readonly found: true; readonly target: T; readonly params: Readonly<Record<string, string>> }
  | { readonly found: false; readonly allow: readonly string[] }

/** Finds what serves a method and path among any number of operations, in the time of the path's length. */
export interface RouteIndex<T> {
  /** `allow` lists the methods that the path does have; empty when there is no such path. */
  match(method: string, path: string): RouteMatch<T>
}

/** @param routes each operation with whatever is to be found by it */
export function createRouteIndex<T>(
  routes: readonly { operation: OperationContract; target: T }[],
): RouteIndex<T> {
  const router = Router({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 512 })
  const methods = new Set<Router.HTTPMethod>()
  for (const { operation, target } of routes) {
    const method = operation.method as Router.HTTPMethod
    const path = operation.path.replaceAll(/\{([^}]+)\}/g, ':$1')
    methods.add(method)
    router.on(method, path, noop, target)
    // RFC 9110 section 9.1: whoever answers GET answers HEAD.
    if (method === 'GET') {
      methods.add('HEAD')
      router.on('HEAD', path, noop, target)
    }
  }
  return {
    match(method, path) {
      const found = router.find(method as Router.HTTPMethod, path)
      if (found?.store) {
        return {
          found: true,
          target: found.store as T,
          params: found.params as Record<string, string>,
        }
      }
      return { found: false, allow: [...methods].filter(m => router.find(m, path)?.store) }
    },
  }
}

const noop = () => {}
