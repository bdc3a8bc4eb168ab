import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Another process works in the folder. The message says which, and what to do. */
export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
}

/** `born` tells a process from a later one that was given the same pid (in a container it is always 1). */
type Holder = { readonly pid: number; readonly host: string; readonly born: string }

/**
 * Takes a folder for this process alone, by a file in it. A file whose process is gone (it was
 * killed) is taken over.
 *
 * @returns what gives the folder back
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string, name: string): Promise<() => Promise<void>> {
  const file = join(folder, name)
  const own: Holder = { pid: process.pid, host: hostname(), born: await birthOf(process.pid) }
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    // A link appears whole or not at all, and fails when the name is taken.
    while (!(await tryLink(draft, file))) await removeIfStale(file, folder)
  } finally {
    await rm(draft, { force: true })
  }
  return () => rm(file, { force: true })
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function removeIfStale(file: string, folder: string): Promise<void> {
  const text = await readIfThere(file)
  if (text === undefined) return
  const holder = parseHolder(text)
  if (holder && (await isAlive(holder))) throw inUse(folder, file, holder)
  // Moved first: if somebody else took over in between, it is their file, and they get it back.
  const aside = `${file}.stale.${process.pid}`
  try {
    await rename(file, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if ((await readIfThere(aside)) !== text) await tryLink(aside, file)
  await rm(aside, { force: true })
}

/** A process on another host cannot be asked; it counts as alive, for the folder's sake. */
async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it exists, and belongs to somebody else.
    if (!isCode(error, 'EPERM')) return false
  }
  return (await birthOf(holder.pid)) === holder.born
}

/** When a process began, in clock ticks since the machine did; `unknown` where /proc does not tell. */
async function birthOf(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${pid}/stat`)
  // proc(5): field 22, counted after the command's name, which may itself hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown'
}

const inUse = (folder: string, file: string, { pid, host }: Holder): FolderInUseError =>
  new FolderInUseError(
    `${folder} is in use by process ${pid} on ${host}. Stop it, or give this one a folder of its own ` +
      `(POSTERN_DATA_DIR) or a PostgreSQL (DATABASE_URL). If that process is surely gone, delete ${file}.`,
  )

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, born } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && host && born ? { pid, host, born } : undefined
  } catch {
    return undefined
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined
    throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
