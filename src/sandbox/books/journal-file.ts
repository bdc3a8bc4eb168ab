import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A file of JSON lines that only grows, until it is replaced whole. */
export interface JournalFile {
  /** What stood in the file when it was opened, first line first. */
  readonly lines: readonly unknown[]
  /** Once it returns, the line is there again after `kill -9`. @throws Error, with nothing written */
  append(value: unknown): void
  /** Makes `value` the only line, all or nothing. */
  replaceWith(value: unknown): void
  close(): void
}

/**
 * Opens the journal and drops a last line that a crash cut short: nobody was told of it.
 *
 * @throws Error naming file and line when a line is not JSON
 */
export function openJournalFile(path: string): JournalFile {
  mkdirSync(dirname(path), { recursive: true })
  let fd = openSync(path, 'a+', 0o600)
  let isOpen = true
  const text = readFileSync(path, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  let size = Buffer.byteLength(whole)
  ftruncateSync(fd, size)
  return {
    lines: whole.split('\n').slice(0, -1).map(parseLine(path)),
    append(value) {
      // The number of a closed file may by now be that of another one.
      if (!isOpen) throw new Error(`${path} is closed`)
      const line = Buffer.from(`${JSON.stringify(value)}\n`)
      try {
        writeWhole(fd, line)
      } catch (error) {
        // A full disk: half a line in the middle of the file would be worse than none.
        ftruncateSync(fd, size)
        throw error
      }
      size += line.length
    },
    replaceWith(value) {
      const line = Buffer.from(`${JSON.stringify(value)}\n`)
      const next = openSync(`${path}.new`, 'w', 0o600)
      writeWhole(next, line)
      fsyncSync(next)
      closeSync(next)
      renameSync(`${path}.new`, path)
      closeSync(fd)
      fd = openSync(path, 'a', 0o600)
      size = line.length
    },
    close() {
      isOpen = false
      closeSync(fd)
    },
  }
}

const parseLine = (path: string) => (line: string, index: number) => {
  try {
    return JSON.parse(line) as unknown
  } catch (error) {
    throw new Error(`${path}:${index + 1}: not JSON; move the file away to start afresh`, {
      cause: error,
    })
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) written += writeSync(fd, bytes, written)
}
