import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'

/** How often the folder is looked at: an edit takes effect within a second, its check included, on a busy machine too. */
const INTERVAL_MS = 100
const MAX_DEPTH = 3

/**
 * Tells when a policy folder has changed and come to rest. It looks at names, sizes, times and inodes
 * through symbolic links, so that an editor's rename on save and a config map's atomic swap are seen
 * alike; a change is told once two looks in a row have found the same.
 *
 * @param changed is awaited before the folder is looked at again
 */
export function watchFolder(
  directory: string,
  { clock, changed }: { clock: Clock; changed(): Promise<void> },
): { close(): Promise<void> } {
  const stopping = new AbortController()
  const watching = (async () => {
    let told = await fingerprint(directory)
    let last = told
    while (!stopping.signal.aborted) {
      await clock.sleep(INTERVAL_MS, stopping.signal)
      const now = await fingerprint(directory)
      if (now !== told && now === last) {
        told = now
        await changed()
      }
      last = now
    }
  })().catch(error => {
    if (!stopping.signal.aborted) throw error
  })
  return {
    async close() {
      stopping.abort(new DOMException('watching ends', 'AbortError'))
      await watching
    },
  }
}

/** What the folder looks like, without reading it. A file that vanishes while it is looked at is left out. */
async function fingerprint(directory: string, depth = 0): Promise<string> {
  const names = await readdir(directory).catch(() => [])
  const parts = await Promise.all(
    names.sort().map(async name => {
      const path = join(directory, name)
      const found = await stat(path).catch(() => undefined)
      if (!found) return ''
      if (found.isDirectory()) {
        return depth < MAX_DEPTH ? `${name}/(${await fingerprint(path, depth + 1)})` : ''
      }
      return `${name}:${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`
    }),
  )
  return parts.join('\n')
}
