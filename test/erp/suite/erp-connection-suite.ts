import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { brokenNetwork } from './broken-network.ts'
import type { Cases, ErpUnderTest } from './erp-under-test.ts'
import { movementPosting } from './movement-posting.ts'
import { orderPosting } from './order-posting.ts'
import { priceReads } from './price-reads.ts'
import { stockReads } from './stock-reads.ts'

const CHAPTERS: Readonly<Record<string, Cases>> = {
  'stock reads': stockReads,
  'price reads': priceReads,
  'broken network': brokenNetwork,
  'order posting': orderPosting,
  'movement posting': movementPosting,
}

const WRITING: ReadonlySet<string> = new Set(['order posting', 'movement posting'])

export type SuiteOptions = {
  readonly name: string
  create(): Promise<ErpUnderTest>
  /** Chapters, or single cases, that cannot apply to this connector, and why. */
  readonly skip?: readonly { readonly cases: readonly string[]; readonly reason: string }[]
}

/**
 * What any connector must do when it reads and posts. A connector is done when this passes; what does not apply to
 * it is named with a reason, which is printed and belongs in its README.
 */
export function runErpConnectionSuite({ name, create, skip = [] }: SuiteOptions): void {
  const isExcepted = (what: string): boolean => {
    const exception = skip.find(({ cases }) => cases.includes(what))
    if (exception) console.log(`${name}: "${what}" does not apply: ${exception.reason}`)
    return exception !== undefined
  }
  describe(`${name}, as any ERP connection`, () => {
    let erp: ErpUnderTest | undefined
    before(async () => {
      erp = await create()
    })
    after(() => erp?.close())

    for (const [chapter, cases] of Object.entries(CHAPTERS)) {
      if (isExcepted(chapter)) continue
      describe(chapter, () => {
        for (const [promise, holds] of Object.entries(cases)) {
          if (isExcepted(promise)) continue
          test(promise, async t => {
            assert.ok(erp)
            if (WRITING.has(chapter) && !erp.writes) return t.skip('it is not ours to write to')
            await erp.faults?.heal()
            await holds(erp)
          })
        }
      })
    }

    test('after it is closed no socket is left', async () => {
      assert.ok(erp)
      await erp.connection.close()
      await erp.faults?.allClosed()
    })
  })
}
