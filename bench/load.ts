import autocannon from 'autocannon'

export type LoadResult = {
  /** Answers per second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
}

/**
 * Loads one address from this process.
 *
 * @param path the same path for every request, or a function that makes each one's
 */
export async function load(options: {
  url: string
  path: string | (() => string)
  headers?: Record<string, string>
  connections: number
  seconds: number
}): Promise<LoadResult> {
  const { path } = options
  const result = await autocannon({
    url: options.url,
    connections: options.connections,
    duration: options.seconds,
    requests: [
      typeof path === 'string'
        ? { path, ...(options.headers && { headers: options.headers }) }
        : {
            setupRequest: request => ({ ...request, path: path() }),
            ...(options.headers && { headers: options.headers }),
          },
    ],
  })
  return {
    rate: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    errors: result.errors + result.timeouts,
    statuses: Object.fromEntries(
      Object.entries(result.statusCodeStats ?? {}).map(([code, { count }]) => [code, count ?? 0]),
    ),
  }
}
