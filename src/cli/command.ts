/** Exit codes: 0 fine, 1 findings, 2 usage. */
export type ExitCode = 0 | 1 | 2

export type Command = {
  /** `check [DIR] [--json]` */
  readonly usage: string
  readonly summary: string
  run(args: readonly string[]): Promise<ExitCode>
}

/** What was typed cannot be run; the message says why. */
export class UsageError extends Error {
  override name = 'UsageError'
}
