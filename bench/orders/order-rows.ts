import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'

/** What one transaction wrote into one table, as texts. */
type TableRows = {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/**
 * Reads what the transaction that accepted an order left behind, in an order that foreign keys bear.
 *
 * @returns undefined when somebody has gone on with the order since: then a part of it is not that
 *   transaction's any more
 */
export async function rowsOfAcceptance(
  client: pg.Client,
  orderId: string,
): Promise<readonly TableRows[] | undefined> {
  const found: TableRows[] = []
  await client.query('begin transaction isolation level repeatable read')
  const { rows: orders } = await client.query(
    'select xmin::text from customer_order where id = $1',
    [orderId],
  )
  for (const { table, columns } of await tablesInOrder(client)) {
    const { rows } = await client.query<(string | null)[]>({
      text: `select ${columns.map(column => `${column}::text`).join(', ')} from ${table} where xmin::text = $1`,
      values: [orders[0]?.xmin],
      rowMode: 'array',
    })
    if (rows.length) found.push({ table, columns, rows })
  }
  await client.query('commit')
  const isWhole = ['erp_posting', 'jobs.job', 'idempotency'].every(name =>
    found.some(({ table }) => table === name),
  )
  return isWhole ? found : undefined
}

/** Its rows are changed by an order, not added. */
const CHANGED_ONLY = 'stock_counter'

async function tablesInOrder(client: pg.Client) {
  const { rows } = await client.query<{ table: string; columns: string[]; needs: string[] }>(
    `select c.oid::regclass::text as table,
            array(select quote_ident(attname) from pg_attribute
                   where attrelid = c.oid and attnum > 0 and not attisdropped
                     and attidentity = '' and attgenerated = '' order by attnum) as columns,
            array(select confrelid::regclass::text from pg_constraint
                   where conrelid = c.oid and contype = 'f' and confrelid <> c.oid) as needs
       from pg_class c
      where relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)
        and relkind in ('r', 'p') and not relispartition and relname <> $1`,
    [CHANGED_ONLY],
  )
  const sorted: typeof rows = []
  const isFree = ({ needs }: { needs: readonly string[] }) =>
    needs.every(need => sorted.some(({ table }) => table === need))
  while (sorted.length < rows.length) {
    const next = rows.filter(row => !sorted.includes(row) && isFree(row))
    if (!next.length) throw new Error('the foreign keys go in a circle')
    sorted.push(...next)
  }
  return sorted
}

/** UUIDs, with their dashes or without; a digest is longer. */
const ID = /(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9a-f])/g

/**
 * Makes of one order's rows a function that writes them again as another order's: one transaction, one
 * prepared insert for each table.
 */
export function createCopy(tables: readonly TableRows[]): (client: pg.Client) => Promise<void> {
  const ids: string[] = []
  const indexOf = (id: string): number => {
    if (!ids.includes(id)) ids.push(id)
    return ids.indexOf(id)
  }
  const statements = tables.map(({ table, columns, rows }, n) => {
    const places = rows.map(
      (row, at) => `(${row.map((_, i) => `$${at * columns.length + i + 1}`).join(', ')})`,
    )
    return {
      name: `copy-${n}`,
      text: `insert into ${table} (${columns.join(', ')}) values ${places.join(', ')}`,
      cells: rows.flat().map(text => (text === null ? null : pieces(text, indexOf))),
    }
  })
  return async client => {
    const fresh = ids.map(freshLike)
    await client.query('begin')
    for (const { cells, ...statement } of statements) {
      const values = cells.map(cell =>
        cell?.map(piece => (typeof piece === 'number' ? fresh[piece] : piece)).join(''),
      )
      await client.query({ ...statement, values })
    }
    await client.query('commit')
  }
}

/** A text in pieces; a number stands for an id. */
function pieces(text: string, indexOf: (id: string) => number): (string | number)[] {
  const result: (string | number)[] = []
  let from = 0
  for (const { 0: id, index } of text.matchAll(ID)) {
    result.push(text.slice(from, index), indexOf(id))
    from = index + id.length
  }
  return [...result, text.slice(from)]
}

/** Ordered by time where the other was: an index's pages are filled alike. */
function freshLike(id: string): string {
  if (!id.includes('-')) return uuidv7().replaceAll('-', '')
  return id[14] === '7' ? uuidv7() : randomUUID()
}
