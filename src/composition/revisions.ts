import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CONNECTORS } from '../connectors/connectors.ts'
import { type ContractIndex, readContractIndex } from '../policy/contract-index.ts'
import type { Governed } from '../policy/diff/diff.ts'
import type { Finding } from '../policy/finding.ts'
import { loadPolicies } from '../policy/load.ts'
import { CONTRACTS_DIR } from './load-policy-set.ts'

const run = promisify(execFile)

export type LoadedRevision =
  | ({ readonly ok: true } & Governed)
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** There is neither such a folder nor such a git revision. */
export class NoSuchRevision extends Error {
  override name = 'NoSuchRevision'
}

/**
 * Loads policies together with the contracts that they were written for.
 *
 * @param name a folder that holds `policies/` and `openapi/`, a policy folder (with `openapi/` beside
 *   it, or else this program's own contracts), or a git revision of the repository in `cwd`
 * @throws NoSuchRevision, Error when a contract is no YAML
 */
export async function loadRevision(
  name: string,
  deps: { cwd: string; env: Readonly<Record<string, string | undefined>>; now: number },
): Promise<LoadedRevision> {
  const folder = resolve(deps.cwd, name)
  if (await isFolder(folder)) return loadFolder(folder, deps)
  return inCheckout(name, deps.cwd, checkout => loadFolder(checkout, deps))
}

async function loadFolder(
  folder: string,
  { env, now }: { env: Readonly<Record<string, string | undefined>>; now: number },
): Promise<LoadedRevision> {
  const whole = await isFolder(join(folder, 'policies'))
  const directory = whole ? join(folder, 'policies') : folder
  const beside = join(dirname(directory), 'openapi')
  const contracts = await readContractIndex((await isFolder(beside)) ? beside : CONTRACTS_DIR)
  const result = await loadPolicies(directory, {
    env,
    contracts,
    connectors: CONNECTORS,
    // Another revision may serve other operations than this program: that is not the question here.
    handlers: operationsIn(contracts),
    production: false,
    ownIssuer: 'http://127.0.0.1',
    demoHashes: () => undefined,
    now,
  })
  return result.ok
    ? { ok: true, set: result.set, contracts }
    : { ok: false, findings: result.findings }
}

const operationsIn = (contracts: ContractIndex): ReadonlySet<string> =>
  new Set(contracts.flatMap(({ operations }) => [...operations.keys()]))

/** Lays a revision's policies and contracts out in a folder of its own, which is gone afterwards. */
async function inCheckout<T>(
  revision: string,
  cwd: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const git = (...args: string[]) => run('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })
  const tree = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{tree}`,
  )
    .then(({ stdout }) => stdout.trim())
    .catch(() => {
      throw new NoSuchRevision(`"${revision}" is neither a folder nor a git revision here`)
    })
  const folder = await mkdtemp(join(tmpdir(), 'postern-revision-'))
  try {
    const archive = join(folder, 'revision.tar')
    const { stdout } = await git('ls-tree', '--name-only', tree)
    const parts = ['policies', 'openapi'].filter(part => stdout.split('\n').includes(part))
    if (!parts.includes('policies')) {
      throw new NoSuchRevision(`"${revision}" has no policies/ in the folder ${basename(cwd)}`)
    }
    await git('archive', '--format=tar', `--output=${archive}`, tree, ...parts)
    await run('tar', ['-xf', archive, '-C', folder])
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    entry => entry.isDirectory(),
    () => false,
  )
