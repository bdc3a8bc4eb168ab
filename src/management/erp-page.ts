import { createHash } from 'node:crypto'

/** What the page shows of a connection; see composition/erp-figures.ts. */
export type ShownErp = {
  readonly connection: string
  readonly budget: { readonly perSecond?: number | undefined; readonly perDay?: number | undefined }
  readonly breaker: string
  readonly inFlight: number
  readonly queued: number
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly coalescingRatio: number | undefined
  readonly meanBatchSize: number | undefined
  readonly knownRatio: number | undefined
  readonly sharedRatio: number | undefined
  readonly overdueKeys: number
  readonly staleness: Percentiles | undefined
  readonly budgetWait: Percentiles | undefined
  readonly changeLag: Percentiles | undefined
}

type Percentiles = { readonly p50: number | undefined; readonly p99: number | undefined }

const STYLE = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;margin:2rem;max-width:60rem}
table{border-collapse:collapse}th,td{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}
td{font-variant-numeric:tabular-nums}`

/** Nothing but the page itself, and only its own style. */
export const ERP_PAGE_CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

/** `GET /admin/erps` for people: how each ERP does, as far as this process knows. */
export const erpPage = (erps: readonly ShownErp[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>ERPs: Postern</title>
<style>${STYLE}</style>
<main>
<h1>ERPs</h1>
<p>Figures of this process since its start. The same as JSON: ask with <code>Accept: application/json</code>.</p>
${erps.map(section).join('\n')}
</main>
</html>
`

const section = (erp: ShownErp): string => `<h2>${text(erp.connection)}</h2>
<table>
${rows(erp)
  .map(([name, value]) => `<tr><th scope="row">${name}</th><td>${text(value)}</td></tr>`)
  .join('\n')}
</table>`

const rows = (erp: ShownErp): readonly (readonly [string, string])[] => [
  ['Breaker', erp.breaker],
  ['Under way, waiting', `${erp.inFlight}, ${erp.queued}`],
  ['Budget', budgetText(erp.budget)],
  ['Waited for the budget', percentiles(erp.budgetWait)],
  ...Object.entries(erp.calls).map(
    ([call, outcomes]) => [`Calls of ${text(call)}`, outcomesText(outcomes)] as const,
  ),
  ['Keys asked for one sent', number(erp.coalescingRatio)],
  ['Keys in a batch, on average', number(erp.meanBatchSize)],
  ['Answered from memory', percent(erp.knownRatio)],
  ['Answered from what another process knew', percent(erp.sharedRatio)],
  ['Age of what was answered from memory', percentiles(erp.staleness)],
  ['Keys told past their time', String(erp.overdueKeys)],
  ['Changes were heard of within', percentiles(erp.changeLag)],
]

const percent = (ratio: number | undefined): string =>
  ratio === undefined ? 'nothing yet' : `${(ratio * 100).toFixed(1)} %`

const budgetText = ({ perSecond, perDay }: ShownErp['budget']): string =>
  [
    ...(perSecond === undefined ? [] : [`${perSecond} a second`]),
    ...(perDay === undefined ? [] : [`${perDay} a day`]),
  ].join(', ') || 'none declared'

const outcomesText = (outcomes: Readonly<Record<string, number>>): string =>
  Object.entries(outcomes)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ')

/** Upper bounds of histogram buckets. */
const percentiles = (given: Percentiles | undefined): string =>
  given ? `half ${seconds(given.p50)}, 99 % ${seconds(given.p99)}` : 'nothing yet'

const seconds = (value: number | undefined): string =>
  value === undefined ? 'over 10 s' : `≤ ${value} s`

const number = (value: number | undefined): string =>
  value === undefined ? 'nothing yet' : String(value)

const text = (value: string): string =>
  value.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
