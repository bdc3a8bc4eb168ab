import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { silentLogger } from '../../../src/kernel/logger.ts'
import { Problem } from '../../../src/kernel/problems.ts'
import { openPostgres } from '../../../src/store/open-postgres.ts'

/** Messages of PostgreSQL's protocol, version 3: a letter, the length of what follows, and that. */
const message = (letter: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(letter), length, body])
}
const AUTHENTICATED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const fatal = (code: string): Buffer =>
  message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mas the test has it\0\0`))

/** Something that answers whoever connects as told. */
async function serverThat(t: TestContext, answer: (socket: Socket) => void) {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const db = openPostgres(`postgresql://postern@127.0.0.1:${port}/postgres`, silentLogger)
  t.after(async () => {
    await db.close()
    server.close()
  })
  return db
}

const isStorageUnreachable = (error: unknown): boolean => {
  assert.ok(error instanceof Problem, String(error))
  assert.equal(error.code, 'storage-unreachable')
  assert.equal(error.options.retryAfterSeconds, 2)
  return true
}

// It took a gateway with it: the end of a connection was told before whoever got the connection could listen.
test('a connection that is cut in the moment in which it is given out ends nobody else', async t => {
  const db = await serverThat(t, socket =>
    socket.end(Buffer.concat([AUTHENTICATED, READY, fatal('57P01')])),
  )
  await assert.rejects(
    db.transaction(tx => tx.query('select 1')),
    isStorageUnreachable,
  )
  await assert.rejects(db.query('select 1'), isStorageUnreachable)
})

for (const [state, code] of [
  ['starts', '57P03'],
  ['is full', '53300'],
]) {
  test(`a database that ${state} is away, and says when to ask again`, async t => {
    const db = await serverThat(t, socket => socket.end(fatal(code ?? '')))
    await assert.rejects(db.query('select 1'), isStorageUnreachable)
    await assert.rejects(db.script('select 1'), isStorageUnreachable)
    await assert.rejects(
      db.transaction(async () => {}),
      isStorageUnreachable,
    )
  })
}

test('a database that hangs up amid a statement is away', async t => {
  const db = await serverThat(t, socket => {
    socket.write(Buffer.concat([AUTHENTICATED, READY]))
    socket.once('data', () => socket.destroy())
  })
  await assert.rejects(
    db.transaction(tx => tx.query('select 1')),
    isStorageUnreachable,
  )
})

test('a database that lets nobody in is not taken for one that is away', async t => {
  const db = await serverThat(t, socket => socket.end(fatal('28P01')))
  await assert.rejects(db.query('select 1'), { code: '28P01' })
})
