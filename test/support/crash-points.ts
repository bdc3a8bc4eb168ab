import type { ErpConnection } from '../../src/ports/erp.ts'
import type { Database, Queries } from '../../src/store/database.ts'

/** Something that is under way in a process that will be killed. */
export type Way = {
  /** How many points have been passed. */
  readonly passed: number
  /** A power cut may come here. Comes back unless this is the way's last point. */
  point(name: string): Promise<void>
  /** As `point`, but what is sent next, in the same turn of the event loop, is still sent. */
  pointAfterSending(name: string): Promise<void>
  /** It has come to its end alive. */
  end(): void
}

/**
 * Lets several ways come each to a point of its own and then kills the process, so that one death is many.
 * Ways that end do so alive; when all do, so does the process.
 *
 * @param ways how many there are
 * @returns what makes one, given which point is its last (absent: none) and whom to tell what it is
 */
export function createCrash(ways: number): (dieAt?: number, tell?: (point: string) => void) => Way {
  let underWay = ways
  let isAnyToDie = false
  let isAnySending = false
  const lastMoment = Promise.withResolvers<void>()
  const kill = () => process.kill(process.pid, 'SIGKILL')
  const arrive = () => {
    underWay--
    if (underWay !== 0 || !isAnyToDie) return
    lastMoment.resolve()
    if (isAnySending) setImmediate(kill)
    else kill()
  }
  return (dieAt, tell) => {
    let passed = 0
    const pass = (name: string, until: Promise<void>): Promise<void> | undefined => {
      passed++
      if (passed !== dieAt) return undefined
      tell?.(name)
      isAnyToDie = true
      isAnySending ||= until === lastMoment.promise
      arrive()
      return until
    }
    return {
      get passed() {
        return passed
      },
      point: async name => pass(name, new Promise(() => {})),
      pointAfterSending: async name => pass(name, lastMoment.promise),
      end: arrive,
    }
  }
}

/** The point before a statement is the point after the one before it: in between nothing lasting happens. */
const mortalQueries = (queries: Queries, { point }: Way): Queries => ({
  async query(sql, params) {
    await point(`sql: ${sql.trim().replaceAll(/\s+/g, ' ').slice(0, 30)}`)
    return queries.query(sql, params)
  },
  async script(sql) {
    await point('sql: a script')
    return queries.script(sql)
  },
})

/** A database with a point before each statement, and around each commit. */
export const mortalDatabase = (db: Database, way: Way): Database => ({
  engine: db.engine,
  close: () => db.close(),
  ...mortalQueries(db, way),
  async transaction(work) {
    await way.point('begin')
    const result = await db.transaction(async tx => {
      const done = await work(mortalQueries(tx, way))
      await way.point('commit')
      await way.pointAfterSending('commit sent')
      return done
    })
    await way.point('committed')
    return result
  },
})

/** Who else stands between the points and the ERP. @param name `orders.create` */
export type AroundCall = <T>(name: string, call: () => Promise<T>) => Promise<T>

/** An ERP with a point before each call and after its answer, be it a good or a bad one. */
export function mortalErp(erp: ErpConnection, { point }: Way, around: AroundCall): ErpConnection {
  const between = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    await point(`before ${name}`)
    const [outcome] = await Promise.allSettled([around(name, call)])
    await point(`after ${name}`)
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  const { inventory, orders } = erp
  return {
    ...erp,
    ...(inventory && {
      inventory: {
        readStock: (...args) => between('inventory.readStock', () => inventory.readStock(...args)),
      },
    }),
    ...(orders && {
      orders: {
        find: (...args) => between('orders.find', () => orders.find(...args)),
        create: (...args) => between('orders.create', () => orders.create(...args)),
        cancel: (...args) => between('orders.cancel', () => orders.cancel(...args)),
      },
    }),
  }
}
