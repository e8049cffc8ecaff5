import { type Logger, pino } from 'pino'
import { errorFields } from './error-text.ts'

export type { Logger }

/**
 * The process logger: one JSON line per entry on standard output, `role` on each.
 * Never pass it a key, a cookie or a body: what is logged is kept by machines nobody here controls.
 */
export function createLogger({ role, level }: { role: string; level: string }): Logger {
  return pino({
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    // pino's own serializer logs every property of an error: with a failed statement's, the events it was to write.
    serializers: { err: errorFields },
  })
}
