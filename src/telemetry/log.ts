import { pino } from 'pino'
import type { Logger } from '../kernel/logger.ts'

export type LogSink = Logger & {
  /** One structured line per governed call. */
  access(line: object): void
  /** Writes what is still buffered; for shutdown. */
  flush(): void
}

/**
 * The log: one JSON object a line on standard output, written in batches off the hot path.
 *
 * @param options.level `debug` … `error`, or `silent`
 */
export function createLog(options: { level: string }): LogSink {
  const destination = pino.destination({ dest: 1, minLength: 4096, sync: false })
  const periodic = setInterval(() => destination.flush(), 250)
  periodic.unref()
  const logger = pino(
    {
      level: options.level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  )
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    access: line => logger.info(line, 'request'),
    flush: () => destination.flushSync(),
  }
}
