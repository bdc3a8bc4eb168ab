import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

/** Which room may import which others; its own room is always allowed. `*` means every room. */
const MAY_IMPORT: Record<string, string> = {
  kernel: '',
  model: 'kernel',
  ports: 'model kernel',
  telemetry: 'kernel',
  policy: 'model kernel',
  domain: 'ports model kernel telemetry',
  connectors: 'ports model kernel telemetry',
  store: 'ports model kernel telemetry',
  gateway: 'policy ports model kernel telemetry',
  operations: 'domain gateway ports model kernel',
  http: 'gateway policy ports model kernel telemetry',
  portal: 'gateway policy ports model kernel telemetry',
  management: 'gateway policy ports model kernel telemetry',
  sandbox: 'kernel',
  cli: '*',
  composition: '*',
  'app.ts': '*',
  'main.ts': '*',
  'cli.ts': '*',
  'environment.ts': '',
}

type Import = { from: string; to: string; typeOnly: boolean }

const imports: Import[] = globSync('src/**/*.ts').flatMap(from =>
  [
    ...readFileSync(from, 'utf8').matchAll(/^(import|export)( type)?[^'"]*?from '(\.[^']+)'/gms),
  ].map(match => ({
    from,
    to: relative('.', join(dirname(from), match[3] ?? '')),
    typeOnly: match[2] !== undefined,
  })),
)

const roomOf = (file: string) => file.split('/')[1] ?? ''

test('every room imports only the rooms that it may', () => {
  const trespasses = imports
    .filter(({ from, to }) => {
      const [own, other] = [roomOf(from), roomOf(to)]
      const allowed = MAY_IMPORT[own]
      assert.ok(allowed !== undefined, `${from}: the room "${own}" is not in the table`)
      return own !== other && allowed !== '*' && !allowed.split(' ').includes(other)
    })
    .map(({ from, to }) => `${from} imports ${to}`)
  assert.deepEqual(trespasses, [])
})

test('no file imports itself through others', () => {
  const graph = new Map<string, string[]>()
  for (const { from, to } of imports) graph.set(from, [...(graph.get(from) ?? []), to])
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  assert.deepEqual(cycles, [])
})
