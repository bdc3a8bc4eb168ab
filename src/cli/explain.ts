import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Explanation, explainCall } from '../composition/explain-call.ts'
import { CONTRACTS_DIR, loadPolicySet } from '../composition/load-policy-set.ts'
import { loadContracts } from '../gateway/contract.ts'
import { systemClock } from '../kernel/clock.ts'
import { findingText } from '../policy/finding.ts'
import { didYouMean } from '../policy/suggest.ts'
import { type Command, UsageError } from './command.ts'

/** `postern explain`: what each stage would decide about a call, and which line of which policy makes it so. */
export const explain: Command = {
  usage: 'explain METHOD URL --as CONSUMER [--body FILE] [--policies DIR] [--json]',
  summary: 'tells what each stage would decide about a call',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        as: { type: 'string' },
        body: { type: 'string' },
        policies: { type: 'string' },
        json: { type: 'boolean' },
      },
      allowPositionals: true,
    })
    const [method, url] = positionals
    if (!method || !url?.startsWith('/') || !values.as || positionals.length > 2) {
      throw new UsageError('give a method, a path with its query, and --as a consumer')
    }
    const loaded = await loadPolicySet({
      directory: values.policies ?? process.env.POSTERN_POLICIES ?? 'policies',
      env: process.env,
      production: false,
      ownIssuer: 'http://127.0.0.1',
      demoHashes: () => undefined,
    })
    if (!loaded.ok) {
      for (const finding of loaded.findings) console.error(findingText(finding))
      return 1
    }
    const consumer = loaded.set.consumers.get(values.as)
    if (!consumer) {
      const hint = didYouMean(values.as, loaded.set.consumers.keys())
      throw new UsageError(`there is no consumer "${values.as}"${hint}`)
    }
    const body = values.body === undefined ? Buffer.alloc(0) : await readFile(values.body)
    const explanation = await explainCall(
      {
        method: method.toUpperCase(),
        url,
        headers: body.length
          ? { 'content-type': 'application/json', 'content-length': String(body.length) }
          : {},
        body,
      },
      consumer,
      loaded.set,
      { contracts: await loadContracts(CONTRACTS_DIR), clock: systemClock },
    )
    console.log(values.json ? JSON.stringify(explanation, null, 2) : inWords(explanation))
    return explanation.outcome === 'passes' ? 0 : 1
  },
}

function inWords({ operation, consumer, outcome, trail, problem }: Explanation): string {
  const lines = trail.map(
    ({ step, decision, reason, policy }) =>
      `  ${step.padEnd(18)} ${decision.padEnd(12)} ${reason}  (${policy})`,
  )
  const { title, detail, errors } = (problem ?? {}) as {
    title?: string
    detail?: string
    errors?: object[]
  }
  return [
    `${consumer} calling ${operation ?? 'nothing that is there'}: ${outcome}`,
    ...lines,
    ...(errors ?? []).map(error => `  ${JSON.stringify(error)}`),
    // No stage was reached: no operation is there, or not for this method.
    ...(lines.length ? [] : [`  ${detail ?? title ?? ''}`]),
  ].join('\n')
}
