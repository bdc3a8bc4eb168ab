import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Findings } from './finding.ts'
import { MAX_FILE_BYTES, parseYamlFile, type YamlFile } from './yaml-file.ts'

/** Files directly in the folder, of which there must be one each, and folders of files. */
const SINGLES = ['gateway', 'plans', 'locations', 'channels'] as const
/** Such of which there may be one. */
const OPTIONALS = ['check-ignore'] as const
const FOLDERS = ['consumers', 'apis', 'erps'] as const
/** Not policies themselves: JSON Schemas for editors, and tests of the policies. */
const OTHER_FOLDERS = ['schema', 'tests']

export type FileKind =
  | (typeof SINGLES)[number]
  | (typeof OPTIONALS)[number]
  | (typeof FOLDERS)[number]

export type PolicyFiles = {
  /** By kind; the single files have one entry. */
  readonly files: ReadonlyMap<FileKind, readonly YamlFile[]>
  /** Kinds of which some file could not be read. */
  readonly incomplete: ReadonlySet<FileKind>
  /** SHA-256 over names and contents, first 12 hex digits. */
  readonly revision: string
}

const YAML = /^(?<stem>[^.].*)\.ya?ml$/
const MAX_FILES = 20_000

/**
 * Reads the policy folder. Names in findings begin with the folder's own name: `policies/plans.yaml`.
 * Symbolic links are followed, as mounted configuration is made of them.
 */
export async function readPolicyFiles(directory: string, findings: Findings): Promise<PolicyFiles> {
  const root = basename(resolve(directory))
  const files = new Map<FileKind, YamlFile[]>()
  const incomplete = new Set<FileKind>()
  const hash = createHash('sha256')
  const startOf = (name: string) => ({ file: name ? `${root}/${name}` : root, line: 1, column: 1 })

  const take = async (kind: FileKind, name: string) => {
    const bytes = await readBounded(join(directory, name))
    if (typeof bytes === 'string') {
      findings.error(startOf(name), 'unreadable-file', bytes)
      incomplete.add(kind)
      return
    }
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
    const file = parseYamlFile(`${root}/${name}`, bytes, findings)
    const others = files.get(kind)
    if (!file) incomplete.add(kind)
    else if (others) others.push(file)
    else files.set(kind, [file])
  }
  const stray = (name: string) =>
    findings.warning(
      startOf(name),
      'stray-file',
      'is not a policy and is not read; expected are ' +
        `${SINGLES.map(single => `${single}.yaml`).join(', ')} and ${FOLDERS.join('/*.yaml, ')}/*.yaml`,
    )

  const entries = await list(directory)
  if (!entries) {
    findings.error(startOf(''), 'no-policies', `there is no readable folder ${directory}`)
    return { files, incomplete, revision: '' }
  }
  const seen = new Set<FileKind>()
  for (const entry of entries) {
    const stem = YAML.exec(entry)?.groups?.stem
    const single = [...SINGLES, ...OPTIONALS].find(kind => kind === stem)
    const folder = FOLDERS.find(kind => kind === entry)
    if (single && seen.has(single)) {
      findings.error(startOf(entry), 'duplicate-file', `there is another ${single} file: keep one`)
    } else if (single) {
      seen.add(single)
      await take(single, entry)
    } else if (folder) {
      const inside = (await list(join(directory, folder))) ?? []
      if (inside.length > MAX_FILES) {
        const message = `holds ${inside.length} files; at most ${MAX_FILES} are read`
        findings.error(startOf(folder), 'too-many-files', message)
        continue
      }
      for (const file of inside) {
        if (YAML.test(file)) await take(folder, `${folder}/${file}`)
        else stray(`${folder}/${file}`)
      }
    } else if (!OTHER_FOLDERS.includes(entry)) {
      stray(entry)
    }
  }
  for (const single of SINGLES.filter(kind => !seen.has(kind))) {
    findings.error(startOf(''), 'missing-file', `${root}/${single}.yaml is missing`)
  }
  return { files, incomplete, revision: hash.digest('hex').slice(0, 12) }
}

/** @returns undefined when it cannot be listed; editors' and config maps' helpers are left out */
async function list(directory: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(directory)
    return entries.filter(name => !name.startsWith('.') && !name.endsWith('~')).sort()
  } catch {
    return undefined
  }
}

/** @returns the reason when it is no file that can be read; a pipe, for one, would be waited for */
async function readBounded(path: string): Promise<Buffer | string> {
  try {
    const entry = await stat(path)
    if (!entry.isFile()) return 'is not a file'
    if (entry.size > MAX_FILE_BYTES) {
      return `has ${entry.size} bytes; at most ${MAX_FILE_BYTES} are read: split it`
    }
    return await readFile(path)
  } catch (error) {
    return `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`
  }
}
