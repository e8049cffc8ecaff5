import { errorText } from './error-text.ts'
import type { Logger } from './logger.ts'

/** What a role tells the process that started it, over the IPC channel, once it can do its job. */
export interface Ready {
  kind: 'ready'
  role: string
  /** The port it really listens on; `null` for a role without one. */
  port: number | null
  /** Where health, readiness and metrics are; absent for a role that has none. */
  adminPort?: number
}

/** Longest a stopping process may take before it leaves without finishing (milliseconds). */
const STOP_MS_MAX = 10_000

/**
 * Runs a process's start. What keeps it from starting is one sentence on standard error, and exit code 1: nobody at a
 * prompt is helped by a stack.
 */
export async function startProcess(role: string, start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    process.stderr.write(`rumen ${role}: ${errorText(error)}\n`)
    process.exit(1)
  }
}

/** Tells the parent, if there is one, that this role is up. */
export function announceReady(ready: Omit<Ready, 'kind'>): void {
  process.send?.({ kind: 'ready', ...ready } satisfies Ready)
}

/**
 * Runs `stop` once on SIGTERM or SIGINT, or when the parent that started this process over IPC is gone,
 * then leaves: 0 when it finished, 1 when it failed or took longer than ten seconds.
 */
export function onStop(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false
  const begin = (reason: string) => {
    if (stopping) return
    stopping = true
    logger.info({ reason }, 'stopping')
    const deadline = setTimeout(() => {
      logger.error('not stopped in time, leaving')
      process.exit(1)
    }, STOP_MS_MAX)
    deadline.unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  // Listened to for good: a second signal, forwarded by a parent that got the first one too, must not end it half-way.
  process.on('SIGTERM', () => begin('SIGTERM'))
  process.on('SIGINT', () => begin('SIGINT'))
  // Only a child with an IPC channel ever sees this event: its parent was killed.
  process.once('disconnect', () => begin('parent gone'))
}
