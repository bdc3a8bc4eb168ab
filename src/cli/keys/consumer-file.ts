import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CredentialEdit,
  editCredentials,
  type HeldCredential,
  readCredentials,
  UneditableFile,
} from '../../policy/edit-credentials.ts'
import { didYouMean } from '../../policy/suggest.ts'
import { UsageError } from '../command.ts'

export type ConsumerFile = {
  readonly path: string
  readonly text: string
  readonly id: string
  /** Its credentials are made in the data folder; development only. */
  readonly demo: boolean
  readonly held: readonly HeldCredential[]
}

/** @returns every consumer of a policy folder, by file name */
export async function readConsumers(policies: string): Promise<readonly ConsumerFile[]> {
  const folder = join(policies, 'consumers')
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`there is no folder ${folder}: say --policies`)
  })
  const files = await Promise.all(
    names
      .filter(name => /^[^.].*\.ya?ml$/.test(name))
      .sort()
      .map(async name => {
        const path = join(folder, name)
        const text = await readFile(path, 'utf8')
        return orUsageError(path, () => ({ path, text, consumer: readCredentials(text) }))
      }),
  )
  return files.flatMap(({ path, text, consumer }) =>
    consumer ? [{ path, text, ...consumer }] : [],
  )
}

/** @throws UsageError when there is none of this id, or its credentials are the demo's */
export async function readConsumer(policies: string, id: string): Promise<ConsumerFile> {
  const all = await readConsumers(policies)
  const found = all.find(consumer => consumer.id === id)
  if (!found) {
    const hint = didYouMean(
      id,
      all.map(consumer => consumer.id),
    )
    throw new UsageError(`no file in ${join(policies, 'consumers')} has the id "${id}"${hint}`)
  }
  if (found.demo) {
    throw new UsageError(
      `${id} has demo credentials, made in the data folder (demo.json): to give it its own, write "credentials: {}" in ${found.path} first`,
    )
  }
  return found
}

/**
 * Replaces the file at once, so that nobody reads half of it. Of two edits at the same time one is refused.
 *
 * @throws UsageError when it cannot be edited, or has changed since it was read
 */
export async function writeConsumer(
  { path, text }: ConsumerFile,
  edits: readonly CredentialEdit[],
): Promise<void> {
  const changed = orUsageError(path, () => editCredentials(text, edits))
  // A mounted or linked file is replaced where it really is.
  const real = await realpath(path)
  const beside = `${real}.new~`
  const file = await open(beside, 'wx', (await stat(real)).mode).catch(() => {
    throw new UsageError(`${beside} is there: another edit is under way; if none is, remove it`)
  })
  try {
    await file.writeFile(changed)
    await file.sync()
    await file.close()
    if ((await readFile(real, 'utf8')) !== text) {
      throw new UsageError(`${path} was changed by somebody else just now: run it again`)
    }
    await rename(beside, real)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

function orUsageError<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof UneditableFile) throw new UsageError(`${path}: ${error.message}`)
    throw error
  }
}
