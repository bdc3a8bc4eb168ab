const WIDTH = 30
const REDRAW_MS = 100

/** A bar on standard error while something long goes on; nothing where nobody looks. */
export interface Progress {
  /** @param done of the total */
  at(done: number): void
  end(): void
}

export function createProgress(total: number, label: string): Progress {
  if (!process.stderr.isTTY || !(total > 0)) return { at() {}, end() {} }
  let drawnAt = 0
  return {
    at(done) {
      const now = performance.now()
      if (now - drawnAt < REDRAW_MS) return
      drawnAt = now
      const share = Math.min(1, done / total)
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')
      process.stderr.write(`\r${label} [${bar}] ${Math.floor(share * 100)} %`)
    },
    end() {
      process.stderr.write('\r\u001b[K')
    },
  }
}
