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

/** 43 characters of 62 carry 256 bits. */
const SECRET_LENGTH = 43

/**
 * Reads the demo consumers' credentials, making those that are missing; others stay as they are, so that
 * what somebody pasted yesterday works today.
 *
 * @throws Error when the file is there but not what we wrote
 */
export async function loadOrCreateDemoCredentials(
  dataDir: string,
  consumerIds: readonly string[],
): Promise<DemoCredentials> {
  const path = join(dataDir, 'demo.json')
  const text = await readIfPresent(path)
  const present = text === undefined ? {} : parseDemoFile(text, path).clients
  const missing = consumerIds.filter(id => !Object.hasOwn(present, id))
  if (text !== undefined && missing.length === 0) return { clients: present }
  const made = missing.map(id => [
    id,
    { clientId: id, clientSecret: randomText(SECRET_LENGTH), apiKey: generateApiKey('test') },
  ])
  const credentials = { clients: { ...present, ...Object.fromEntries(made) } }
  await writePrivateFile(path, `${JSON.stringify(credentials, null, 2)}\n`)
  return credentials
}

function parseDemoFile(text: string, path: string): DemoCredentials {
  try {
    const file = JSON.parse(text) as DemoCredentials
    for (const client of Object.values(file.clients)) {
      const { clientId, clientSecret, apiKey } = client
      if ([clientId, clientSecret, apiKey].some(part => typeof part !== 'string')) {
        throw new TypeError('a client is incomplete')
      }
    }
    return file
  } catch (error) {
    throw new Error(`${path} cannot be read; remove it, and new credentials are made`, {
      cause: error,
    })
  }
}

/** What the policies may know of them. */
export function demoHashesOf({ clients }: DemoCredentials) {
  return (consumerId: string) => {
    const client = Object.hasOwn(clients, consumerId) ? clients[consumerId] : undefined
    return (
      client && {
        clientSecretHash: hashCredential(client.clientSecret),
        apiKeyHash: hashCredential(client.apiKey),
      }
    )
  }
}
