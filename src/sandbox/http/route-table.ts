import Router from 'find-my-way'

export type Route = { readonly method: 'GET' | 'POST'; readonly path: string }

export type Found<R extends Route> = {
  readonly route: R
  readonly params: Readonly<Record<string, string | undefined>>
}

/** @returns a function that finds a route by method and URL; undefined when there is none */
export function createRouteTable<R extends Route>(
  routes: readonly R[],
): (method: string, url: string) => Found<R> | undefined {
  const router = Router({ caseSensitive: true })
  for (const route of routes) router.on(route.method, route.path, noop, route)
  return (method, url) => {
    const found = router.find(method as Router.HTTPMethod, url)
    return found?.store ? { route: found.store as R, params: found.params } : undefined
  }
}

const noop = () => {}

export const queryOf = (url: string): URLSearchParams =>
  new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
