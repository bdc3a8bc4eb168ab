import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent, writePrivateFile } from './private-file.ts'

/** The key that seals quotes: the one given, or one made in the data folder. */
export async function openQuoteKey(given: Buffer | undefined, dataDir: string): Promise<KeyObject> {
  if (given) return createSecretKey(given)
  const path = join(dataDir, 'keys', 'quote.key')
  const present = await readIfPresent(path)
  if (present !== undefined) return createSecretKey(Buffer.from(present.trim(), 'base64'))
  const made = randomBytes(32)
  await writePrivateFile(path, `${made.toString('base64')}\n`)
  return createSecretKey(made)
}
