import { readEnvironment } from '../environment.ts'
import { UsageError } from './command.ts'

/**
 * Asks the management listener of a running gateway.
 *
 * @param url of the listener; where the environment says it is, when undefined
 * @param body what is to be done; without it something is only read
 * @throws UsageError when nobody answers, or what was asked is refused
 */
export async function askManagement(
  url: string | undefined,
  path: string,
  body?: object,
): Promise<unknown> {
  const { managementHost, managementPort } = readEnvironment(process.env)
  const address = url ?? `http://${managementHost}:${managementPort}`
  const response = await fetch(`${address}${path}`, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-operator': process.env.USER ?? 'cli' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new UsageError(`no gateway answers at ${address}`)
  })
  const answer = await response.json()
  if (!response.ok) throw new UsageError((answer as { message: string }).message)
  return answer
}
