/**
 * Writes what is derived from something else: wire types from the contracts, the contracts' problem
 * responses and the problem pages from the catalogue, the policies' JSON Schemas from the code,
 * the table of what each connector can do.
 *
 * node scripts/generate.ts           writes
 * node scripts/generate.ts --check   exits 1 and names every file that is not up to date
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { connectorTable } from './generators/connector-table.ts'
import type { Generated } from './generators/generated.ts'
import { policySchemas } from './generators/policy-schemas.ts'
import { problemPages } from './generators/problem-pages.ts'
import { problemResponses } from './generators/problem-responses.ts'
import { wireTypes } from './generators/wire-types.ts'

// In this order: the wire types are made from contracts that include the problem responses.
const GENERATORS: readonly (() => Promise<readonly Generated[]>)[] = [
  problemResponses,
  problemPages,
  wireTypes,
  policySchemas,
  connectorTable,
]

const check = process.argv.includes('--check')
const outdated: string[] = []
for (const generate of GENERATORS) {
  for (const { path, text } of await generate()) {
    const present = await readFile(path, 'utf8').catch(() => undefined)
    if (present === text) continue
    outdated.push(path)
    if (check) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}
if (check && outdated.length) {
  console.error(`not up to date, run "npm run generate":\n  ${outdated.join('\n  ')}`)
  process.exitCode = 1
} else if (!check) {
  console.log(outdated.length ? `written: ${outdated.join(', ')}` : 'everything was up to date')
}
