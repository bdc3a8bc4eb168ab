import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Findings } from './finding.ts'
import { MAX_FILE_BYTES, parseYamlFile, type YamlFile } from './yaml-file.ts'

export type FileKind =
  | 'gateway'
  | 'plans'
  | 'locations'
  | 'channels'
  | 'consumers'
  | 'apis'
  | 'erps'

export type PolicyFiles = {
  /** By kind; the single files have one entry. */
  readonly files: ReadonlyMap<FileKind, readonly YamlFile[]>
  /** SHA-256 over names and contents, first 12 hex digits. */
  readonly revision: string
}

const SINGLES: Readonly<Record<string, FileKind>> = {
  'gateway.yaml': 'gateway',
  'plans.yaml': 'plans',
  'locations.yaml': 'locations',
  'channels.yaml': 'channels',
}
const FOLDERS: readonly FileKind[] = ['consumers', 'apis', 'erps']
/** Not policies themselves: JSON Schemas for editors, and tests of the policies. */
const OTHER_FOLDERS = ['schema', 'tests']
const MAX_FILES = 20_000

/**
 * Reads the policy folder. Names in findings begin with the folder's own name: `policies/plans.yaml`.
 */
export async function readPolicyFiles(directory: string, findings: Findings): Promise<PolicyFiles> {
  const root = basename(directory)
  const files = new Map<FileKind, YamlFile[]>()
  const hash = createHash('sha256')
  const rootPlace = { file: root, line: 1, column: 1 }

  const take = async (kind: FileKind, path: string, name: string) => {
    const place = { file: name, line: 1, column: 1 }
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) {
      findings.error(
        place,
        'file-too-large',
        `has ${size} bytes; at most ${MAX_FILE_BYTES} are read`,
      )
      return
    }
    const text = await readFile(path, 'utf8')
    hash.update(`${name}\0${text}\0`)
    const file = parseYamlFile(name, text, findings)
    if (file) files.set(kind, [...(files.get(kind) ?? []), file])
  }

  let entries: string[]
  try {
    entries = (await readdir(directory)).filter(visible).sort()
  } catch {
    findings.error(rootPlace, 'no-policies', `there is no folder ${directory}`)
    return { files, revision: '' }
  }
  for (const entry of entries) {
    const path = join(directory, entry)
    const single = SINGLES[entry]
    const folder = FOLDERS.find(kind => kind === entry)
    if (single) {
      await take(single, path, `${root}/${entry}`)
    } else if (folder) {
      const inside = (await readdir(path)).filter(visible).sort()
      if (inside.length > MAX_FILES) {
        findings.error(rootPlace, 'too-many-files', `${entry}/ holds more than ${MAX_FILES} files`)
        continue
      }
      for (const file of inside) {
        if (file.endsWith('.yaml')) await take(folder, join(path, file), `${root}/${entry}/${file}`)
        else stray(findings, `${root}/${entry}/${file}`)
      }
    } else if (!OTHER_FOLDERS.includes(entry)) {
      stray(findings, `${root}/${entry}`)
    }
  }
  for (const [name, kind] of Object.entries(SINGLES)) {
    if (!files.has(kind) && !entries.includes(name)) {
      findings.error(rootPlace, 'missing-file', `${root}/${name} is missing`)
    }
  }
  return { files, revision: hash.digest('hex').slice(0, 12) }
}

/** Editors' and config maps' helpers (`.foo.swp`, `..data`, `plans.yaml~`) are not policies. */
const visible = (name: string): boolean => !name.startsWith('.') && !name.endsWith('~')

const stray = (findings: Findings, name: string): void =>
  findings.warning(
    { file: name, line: 1, column: 1 },
    'stray-file',
    'is not a policy file and is not read; policies end in .yaml',
  )
