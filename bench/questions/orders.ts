import { type Acceptance, acceptance } from '../orders/acceptance.ts'
import { startDurablePostgres } from '../orders/databases.ts'
import { type Outage, outage, type Stretch } from '../orders/outage.ts'
import type { BenchSettings } from '../question.ts'

export type OrdersResult = { readonly acceptance: Acceptance; readonly outage: Outage }

/**
 * What becomes of orders on a durable PostgreSQL: how many are accepted in a second, beside bare SQL; how soon
 * they have the ERP's number; and how long what an ERP has missed while it was down takes to reach it.
 */
export async function ordersQuestion(
  settings: BenchSettings,
  isShort: boolean,
): Promise<OrdersResult> {
  const postgres = await startDurablePostgres()
  try {
    const seconds = isShort ? 0.4 : settings.seconds
    return {
      acceptance: await acceptance({ ...settings, seconds }, postgres),
      outage: await outage(
        settings,
        postgres,
        isShort ? { steady: 3, down: 10 } : { steady: 30, down: 60 },
      ),
    }
  } finally {
    await postgres.stop()
  }
}

/** For people, with units; the tables are Markdown. */
export function ordersReport({ acceptance, outage }: OrdersResult): string {
  const rows = Object.values(acceptance.rowsOfAnOrder)
  const { steady, down, drain, books } = outage
  return [
    `Orders of ${rows.reduce((sum, n) => sum + n, 0)} rows in ${rows.length} tables, PostgreSQL with fsync, medians:`,
    table(
      '| clients | gateway: orders/s | p50 / p99 ms | bare SQL: orders/s | p50 / p99 ms | ratio (spread) | one SKU: orders/s | p50 / p99 ms | not accepted |',
      acceptance.byClients.map(({ clients, gateway, bare, oneSku, ratio, ratioSpread }) => [
        clients,
        gateway.rate.toFixed(0),
        times(gateway),
        bare.rate.toFixed(0),
        times(bare),
        `${ratio.toFixed(3)} (${(ratioSpread * 100).toFixed(0)} %)`,
        oneSku?.rate.toFixed(0) ?? '',
        oneSku ? times(oneSku) : '',
        listed([gateway.failures, oneSku?.failures ?? {}]),
      ]),
    ),
    '',
    `${outage.ordersPerSecond} orders/s to an ERP with a budget of ${outage.budgetPerSecond} calls/s:`,
    table(
      "| stretch | orders | not accepted | answer p50 / p99 ms | until the ERP's number p50 / p99 ms |",
      [stretch('normal', steady), stretch('down', down)],
    ),
    `Drained in ${drain.seconds.toFixed(1)} s: ${drain.orders} orders, with ${drain.erpCallsPerSecond.toFixed(1)} calls/s, ` +
      `at most ${drain.mostErpCallsInASecond} in a second; ${down.erpCalls} calls were tried while it was down.`,
    `Of ${books.accepted} accepted orders the ERP lacks ${books.missing} and has ${books.doubled} twice.`,
  ].join('\n')
}

const stretch = (name: string, { seconds, orders, failures, accepted, erpNumber }: Stretch) => [
  `${name}, ${seconds} s`,
  orders,
  listed([failures]),
  times(accepted),
  times(erpNumber),
]

const times = ({ p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }) => `${p50Ms} / ${p99Ms}`

const listed = (failures: readonly Readonly<Record<string, number>>[]): string =>
  failures
    .flatMap(counts => Object.entries(counts))
    .map(([reason, count]) => `${count} x ${reason}`)
    .join(', ') || '0'

const table = (head: string, rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.replace(/[^|]+/g, ' --- '), ...rows.map(row => `| ${row.join(' | ')} |`)].join('\n')
