import type { TestContext } from 'node:test'
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { TestClock } from '../../support/test-clock.ts'

type Json = Record<string, unknown>

/** An answer, with its body as JSON where it is that. */
export type Answer = { status: number; text: string; body: Json; headers: Headers }

/** Speaks to a sandbox as an ERP's client and as an operator do. */
export class SandboxClient {
  readonly url: string
  authorization = `Basic ${btoa('POSTERN:sandbox')}`

  constructor(url: string) {
    this.url = url
  }

  get = (path: string): Promise<Answer> => this.#call(path, { method: 'GET' })

  post = (path: string, body: unknown, signal?: AbortSignal): Promise<Answer> =>
    this.#call(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    })

  readStock = (...pairs: readonly (readonly [matnr: string, werks: string])[]): Promise<Answer> =>
    this.post('/erp/stock/read', { IT_MATWRK: pairs.map(([MATNR, WERKS]) => ({ MATNR, WERKS })) })

  /** `LABST` of one pair. */
  async stockOf(matnr: string, werks: string): Promise<unknown> {
    return rows(await this.readStock([matnr, werks]), 'ET_BESTAND')[0]?.LABST
  }

  createOrder = (reference: string, quantity = '2,000'): Promise<Answer> =>
    this.post('/erp/orders', {
      BSTNK: reference,
      VTWEG: '10',
      WAERK: 'EUR',
      POSITIONEN: [{ MATNR: SHIRT, WERKS: '1000', KWMENG: quantity, NETPR: '14,90' }],
    })

  async #call(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.url + path, {
      ...init,
      headers: { authorization: this.authorization, 'content-type': 'application/json' },
    })
    const text = await response.text()
    const { status, headers } = response
    return {
      status,
      text,
      headers,
      body: headers.get('content-type')?.includes('json') ? parsed(text) : {},
    }
  }
}

/** The first article: at every location, with every price. */
export const SHIRT = '000000000000100001'

export const rows = (answer: Answer, table: string): Json[] => answer.body[table] as Json[]

/** A sandbox in a folder of its own that is gone when the test ends. */
export async function runningSandbox(t: TestContext, options: Partial<SandboxOptions> = {}) {
  const clock = new TestClock('2026-11-23T12:00:00Z')
  const dataDir = options.dataDir ?? (await temporaryFolder(t))
  const sandbox = await createSandbox({ port: 0, clock, ...options, dataDir })
  t.after(() => sandbox.close())
  return { clock, dataDir, client: new SandboxClient(sandbox.url), url: sandbox.url }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}
