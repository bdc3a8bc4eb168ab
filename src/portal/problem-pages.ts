import { Router } from 'express'
import { problemType } from '../gateway/problem-reply.ts'
import {
  isProblemCode,
  Problem,
  type ProblemCode,
  type ProblemKind,
  problems,
} from '../kernel/problems.ts'

/** `/problems/{code}`: what a problem means and what to do, for people and for programs. */
export function problemPages(): Router {
  const router = Router()
  router.get('/problems/:code', (req, res) => {
    const { code } = req.params
    if (!isProblemCode(code)) throw new Problem('not-found')
    res.set('Cache-Control', 'public, max-age=3600').vary('Accept')
    res.format({
      'text/html': () => {
        res
          .set('Content-Security-Policy', "default-src 'none'; style-src 'self'")
          .send(page(code, problems[code]))
      },
      'application/json': () => {
        const { status, title, retry, help } = problems[code]
        res.json({
          type: problemType(code),
          code,
          status,
          title,
          retryable: retry === 'later',
          help,
        })
      },
    })
  })
  return router
}

// Nothing here comes from a caller: the catalogue is ours.
const page = (
  code: ProblemCode,
  { status, title, retry, help }: ProblemKind,
): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${code}: ${title}</title>
<main>
<h1>${title}</h1>
<p><code>${code}</code>, HTTP status ${status}.</p>
<p>${help}</p>
<p>The same call ${retry === 'later' ? 'may succeed later' : 'will not succeed unchanged'}.</p>
</main>
</html>
`
