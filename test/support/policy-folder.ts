import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import Type from 'typebox'
import type { PortName } from '../../src/model/erp-connection.ts'
import type { ConnectorDescription } from '../../src/policy/connector-description.ts'
import { readContractIndex } from '../../src/policy/contract-index.ts'
import { findingText } from '../../src/policy/finding.ts'
import { type LoadDeps, loadPolicies } from '../../src/policy/load.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The small set that policy tests start from, and its contracts. */
export const SHOP = 'test/golden/shop'

const toy: ConnectorDescription = {
  settingsSchema: Type.Object(
    {
      company: Type.String({ pattern: '^\\d+$' }),
      speaks: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: false },
  ),
  credentialsSchema: Type.Object(
    { user: Type.String(), password: Type.String() },
    { additionalProperties: false },
  ),
  secrets: ['password'],
  offers: settings => (settings as { speaks?: PortName[] }).speaks ?? ['inventory', 'pricing'],
  validateSettings: settings =>
    (settings as { company: string }).company === '13'
      ? [{ path: ['company'], message: 'company 13 is closed', severity: 'warning' }]
      : [],
}

const contracts = await readContractIndex(`${SHOP}/openapi`)

export const shopDeps = (overrides: Partial<LoadDeps> = {}): LoadDeps => ({
  env: { ERP_ONE_PASSWORD: 'from the environment' },
  contracts,
  connectors: new Map([['toy', toy]]),
  handlers: new Set(['getThing', 'findThings', 'queryThings', 'makeThing']),
  production: false,
  ownIssuer: 'https://gateway.shop.example',
  now: Date.parse('2026-11-23T12:00:00Z'),
  demoHashes: id => ({ clientSecretHash: `sha256:secret-${id}`, apiKeyHash: `sha256:key-${id}` }),
  ...overrides,
})

/** What to do to a file of the set: its new text or bytes, a change of its text, or `undefined` to remove it. */
export type Edits = Readonly<
  Record<string, string | Buffer | ((text: string) => string) | undefined>
>

/** A copy of the shop's policies with some files edited. */
export async function policyFolder(t: TestContext, edits: Edits = {}): Promise<string> {
  const directory = join(await temporaryFolder(t), 'policies')
  cpSync(`${SHOP}/policies`, directory, { recursive: true })
  for (const [name, edit] of Object.entries(edits)) {
    const path = join(directory, name)
    if (edit === undefined) {
      rmSync(path)
      continue
    }
    await mkdir(dirname(path), { recursive: true })
    writeFileSync(path, typeof edit === 'function' ? edit(readFileSync(path, 'utf8')) : edit)
  }
  return directory
}

/** The findings about the shop's policies with some files edited, as text. */
export async function findingsOf(
  t: TestContext,
  edits: Edits,
  deps: Partial<LoadDeps> = {},
): Promise<string[]> {
  const { findings } = await loadPolicies(await policyFolder(t, edits), shopDeps(deps))
  return findings.map(findingText)
}

/** A text's first `from` becomes `to`; a test must not pass because there was nothing to change. */
export const swap =
  (from: string, to: string) =>
  (text: string): string => {
    if (!text.includes(from)) throw new Error(`there is no "${from}" in it`)
    return text.replace(from, () => to)
  }
