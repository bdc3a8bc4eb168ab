import axios from 'axios'

/**
 * Sends a request that may be sent twice, again when the connection it was given had been closed by the
 * server while idle. After a restart of the ERP every kept connection is such a one; each is met at most
 * once, since it is gone afterwards.
 *
 * @param keptMax how many connections are kept at most
 * @see https://nodejs.org/api/http.html#requestreusedsocket
 */
export async function pastDeadConnections<T>(keptMax: number, send: () => Promise<T>): Promise<T> {
  for (let kept = keptMax; ; kept--) {
    try {
      return await send()
    } catch (error) {
      if (kept <= 0 || !wasClosedWhileIdle(error)) throw error
    }
  }
}

const wasClosedWhileIdle = (error: unknown): boolean =>
  axios.isAxiosError(error) &&
  (error.code === 'ECONNRESET' || error.code === 'EPIPE') &&
  error.request?.reusedSocket === true
