/** SQL, on PostgreSQL or its embedded twin. Integers of 64 bits arrive as numbers. */
export interface Queries {
  /** One statement. @param params for `$1`, `$2`, … @throws the engine's error, with its SQLSTATE in `code` */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>
  /** Any number of statements without parameters. @returns the rows of all of them */
  script(sql: string): Promise<readonly object[]>
}

/** The durable state of one installation. */
export interface Database extends Queries {
  readonly engine: 'embedded' | 'postgresql'
  /** All of `work` or nothing: what it throws rolls everything back. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  close(): Promise<void>
}
