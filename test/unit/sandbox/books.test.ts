import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { createSandbox } from '../../../src/sandbox/server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { rows, runningSandbox, SandboxClient, SHIRT } from './running-sandbox.ts'

test('what was answered is there after kill -9', async t => {
  const dataDir = await temporaryFolder(t)
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'sandbox-process.ts'), dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  t.after(() => child.kill('SIGKILL'))
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const victim = new SandboxClient(url)
  await victim.post('/_control/stock', { sku: '100001', location: 'DC-EAST', onHand: 7 })
  const references = Array.from({ length: 20 }, (_, index) => `web-${index}`)
  await Promise.all(references.map(reference => victim.createOrder(reference)))
  await victim.post('/_control/order', { number: '0010000001', state: 'shipped' })
  child.kill('SIGKILL')
  await once(child, 'exit')

  const { client } = await runningSandbox(t, { dataDir })
  assert.equal(await client.stockOf(SHIRT, '1000'), '5,000')
  const orders = rows(await client.get('/_control/documents?type=order'), 'items')
  assert.deepEqual(orders.map(({ reference }) => reference).toSorted(), references.toSorted())
  assert.equal(orders.filter(({ state }) => state === 'GELIEFERT').length, 1)
  assert.equal((await client.get('/erp/ping')).body.SEQNR, '0000000022')
  assert.equal((await client.createOrder('web-20')).body.VBELN, '0010000021')
})

test('a line that a crash cut short is forgotten, and the next one is whole', async t => {
  const dataDir = await temporaryFolder(t)
  const books = join(dataDir, 'sandbox.jsonl')
  const run = async (work: (client: SandboxClient) => Promise<unknown>) => {
    const sandbox = await createSandbox({ port: 0, dataDir })
    await work(new SandboxClient(sandbox.url)).finally(() => sandbox.close())
  }
  await run(client => client.createOrder('web-1'))
  appendFileSync(books, '{"seq":2,"at":0,"stock":[{"matnr":"0000')
  await run(client => client.createOrder('web-2'))
  await run(async client => {
    const items = rows(await client.get('/_control/documents'), 'items')
    assert.deepEqual(
      items.map(({ number, reference }) => [number, reference]),
      [
        ['0010000001', 'web-1'],
        ['0010000002', 'web-2'],
      ],
    )
  })
})

test('opening the books makes one line of many, with the same content', async t => {
  const dataDir = await temporaryFolder(t)
  const books = join(dataDir, 'sandbox.jsonl')
  const lines = () => readFileSync(books, 'utf8').split('\n').length - 1
  const first = await createSandbox({ port: 0, dataDir })
  const client = new SandboxClient(first.url)
  await client.createOrder('web-1')
  await client.post('/_control/stock', { sku: '100001', location: 'DC-EAST', onHand: 3 })
  const before = await client.get('/_control/documents')
  const changes = await client.get('/erp/changes?after=0')
  await first.close()
  assert.equal(lines(), 3)
  const again = await runningSandbox(t, { dataDir })
  assert.equal(lines(), 1)
  assert.equal((await again.client.get('/_control/documents')).text, before.text)
  assert.equal((await again.client.get('/erp/changes?after=0')).text, changes.text)
  assert.equal(await again.client.stockOf(SHIRT, '1000'), '3,000')
})

test('books that are not ours are left as they are, and the start says so', async t => {
  const dataDir = await temporaryFolder(t)
  const books = join(dataDir, 'sandbox.jsonl')
  for (const text of ['{"format":"other/1"}\n', 'not JSON\n']) {
    writeFileSync(books, text)
    await assert.rejects(createSandbox({ port: 0, dataDir }), /move (the file|them) away/)
    assert.equal(readFileSync(books, 'utf8'), text)
  }
})

test('a second sandbox on the same port does not touch the books', async t => {
  const { url, dataDir, client } = await runningSandbox(t)
  await client.createOrder('web-1')
  const before = readFileSync(join(dataDir, 'sandbox.jsonl'), 'utf8')
  const port = Number(new URL(url).port)
  await assert.rejects(createSandbox({ port, dataDir }), { code: 'EADDRINUSE' })
  assert.equal(readFileSync(join(dataDir, 'sandbox.jsonl'), 'utf8'), before)
})
