import { Router } from 'express'
import type { JournalEntry } from '../model/journal.ts'
import type { Journal } from '../ports/journal.ts'

const CAUSE = /^([a-z-]{1,40}):([\w-]{1,80})$/

/**
 * - `GET /admin/ledger/verify` whether every entry balances, and what each account comes to
 * - `GET /admin/ledger?cause=return:ret_…` what was posted of one thing
 */
export function ledgerRoutes(journal: Pick<Journal, 'verify' | 'entriesOf'>): Router {
  const router = Router()
  router.get('/verify', async (_req, res) => {
    const { balances, ...report } = await journal.verify()
    const inTexts = balances.map(({ balanceMinor, ...of }) => ({
      ...of,
      balanceMinor: String(balanceMinor),
    }))
    res.json({ ...report, balances: inTexts })
  })
  router.get('/', async (req, res) => {
    const [, type, id] = CAUSE.exec(String(req.query.cause)) ?? []
    if (type === undefined || id === undefined) {
      res.status(400).json({ message: 'cause: say of what, return:ret_… or refund:rfd_…' })
      return
    }
    res.json({ entries: (await journal.entriesOf({ type, id })).map(shown) })
  })
  return router
}

const shown = ({ lines, recordedAt, ...entry }: JournalEntry): object => ({
  ...entry,
  recordedAt: new Date(recordedAt).toISOString(),
  lines: lines.map(({ amountMinor, ...line }) => ({ ...line, amountMinor: String(amountMinor) })),
})
