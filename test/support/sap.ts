import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const PEER = join(import.meta.dirname, '../peers/sap-s4')
const SERVICES = '/sap/opu/odata/sap'
/** It is up within 3 s on an idle machine. */
const START_MS = 60_000

/** Why tests that need the stand-in are skipped; undefined when they need not be. */
export const sapMissing: string | undefined = existsSync(join(PEER, 'node_modules/@sap/cds'))
  ? undefined
  : 'the S/4HANA stand-in is not installed (test/peers/sap-s4/set-up)'

/** A stand-in for S/4HANA, and a way to ask it that owes nothing to the connector. */
export type SapPeer = {
  readonly address: string
  readonly user: string
  readonly password: string
  /** The rows of a set, plainly read, all pages; null and missing members as they come. */
  rows(service: string, set: string, query?: string): Promise<Record<string, string | null>[]>
  /** `/_control/…`: what a clerk, or a bad day, would do. */
  control(what: string, body?: object): Promise<void>
  /** Creates an entity, as a clerk would. */
  write(path: string, entity: object): Promise<void>
  stop(): Promise<void>
}

/** A fresh one, on a free loopback port, in a process of its own. */
export async function startSap(): Promise<SapPeer> {
  const port = await freePort()
  const [user, password] = ['COMM_USER', 'not-Welcome1']
  const peer = spawn(process.execPath, ['tools/start.js'], {
    cwd: PEER,
    env: { ...process.env, PORT: String(port), SAP_USER: user, SAP_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const address = `http://127.0.0.1:${port}`
  const stop = async () => {
    if (peer.exitCode !== null || peer.signalCode !== null) return
    peer.kill('SIGKILL')
    await once(peer, 'exit')
  }
  try {
    await isListening(peer)
  } catch (error) {
    await stop()
    throw error
  }
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return {
    address,
    user,
    password,
    async rows(service, set, query = '') {
      const all: Record<string, string | null>[] = []
      let url: string | undefined = `${address}${SERVICES}/${service}/${set}?${query}`
      while (url) {
        const response = await fetch(url, {
          headers: { authorization, accept: 'application/json' },
        })
        const { d } = (await response.json()) as { d: { results: typeof all; __next?: string } }
        all.push(...d.results)
        url = d.__next
      }
      return all
    },
    async control(what, body) {
      const response = await fetch(`${address}/_control/${what}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? {}),
      })
      if (!response.ok) throw new Error(`${what}: ${response.status}`)
    },
    async write(path, entity) {
      const headers = { authorization, accept: 'application/json', 'x-csrf-token': 'Fetch' }
      const entrance = await fetch(`${address}${SERVICES}/API_MATERIAL_STOCK_SRV/`, { headers })
      await entrance.body?.cancel()
      const cookies = entrance.headers.getSetCookie().map(cookie => cookie.split(';')[0])
      const response = await fetch(`${address}${SERVICES}/${path}`, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'x-csrf-token': entrance.headers.get('x-csrf-token') ?? '',
          cookie: cookies.join('; '),
        },
        body: JSON.stringify(entity),
      })
      if (response.status !== 201) throw new Error(`${path}: ${await response.text()}`)
      await response.body?.cancel()
    },
    stop,
  }
}

async function isListening(peer: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(START_MS)
  const exited = once(peer, 'exit', { signal }).then(() => {
    throw new Error('the stand-in ended while it started')
  })
  const listening = (async () => {
    for await (const chunk of peer.stdout ?? []) if (/stand-in on/.test(String(chunk))) return
  })()
  await Promise.race([listening, exited])
  exited.catch(() => undefined)
  peer.stdout?.destroy()
}
