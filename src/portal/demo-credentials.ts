import { join } from 'node:path'
import { generateApiKey, hashCredential, randomText } from '../gateway/identity/api-key.ts'
import { readIfPresent, writePrivateFile } from './private-file.ts'

export type DemoClient = {
  readonly clientId: string
  readonly clientSecret: string
  readonly apiKey: string
}

/** The data folder's `demo.json`: development only, mode 0600. */
export type DemoCredentials = { readonly clients: Readonly<Record<string, DemoClient>> }

/** Reads the demo consumers' credentials, making those that are missing; others stay as they are. */
export async function loadOrCreateDemoCredentials(
  dataDir: string,
  consumerIds: readonly string[],
): Promise<DemoCredentials> {
  const path = join(dataDir, 'demo.json')
  const text = await readIfPresent(path)
  const present: Record<string, DemoClient> = text ? JSON.parse(text).clients : {}
  const missing = consumerIds.filter(id => !Object.hasOwn(present, id))
  if (text !== undefined && missing.length === 0) return { clients: present }
  const made = missing.map(id => [
    id,
    { clientId: id, clientSecret: randomText(43), apiKey: generateApiKey('test') },
  ])
  const credentials = { clients: { ...present, ...Object.fromEntries(made) } }
  await writePrivateFile(path, `${JSON.stringify(credentials, null, 2)}\n`)
  return credentials
}

/** What the policies may know of them. */
export function demoHashesOf({ clients }: DemoCredentials) {
  return (consumerId: string) => {
    const client = clients[consumerId]
    return (
      client && {
        clientSecretHash: hashCredential(client.clientSecret),
        apiKeyHash: hashCredential(client.apiKey),
      }
    )
  }
}
