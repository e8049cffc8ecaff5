import type { Db } from '@rumen/db/connect'
import { expireValues } from '@rumen/db/dimension/expire-values'
import { expireIssueUsers } from '@rumen/db/issue/expire-users'
import { unmuteDue } from '@rumen/db/issue/unmute-due'
import { compactOutcomes } from '@rumen/db/outcome/compact-outcomes'
import { dayOf } from '@rumen/db/partition/day'
import { whileAlone } from '@rumen/db/upkeep/while-alone'
import type { Logger } from '@rumen/telemetry/logger'
import { repeat } from './repeat.ts'

export interface Upkeep {
  /** Resolves when the batch in hand is done; the rest is left for another worker, or the next start. */
  stop(): Promise<void>
}

export interface UpkeepOptions {
  db: Db
  /** Reaches PostgreSQL itself: a session of its own holds a lock while the upkeep goes on. */
  directUrl: string
  logger: Logger
  now?: () => Date
}

const PAUSE_MS = 5 * 60 * 1000

/**
 * What has to be done now and then for what workers write, by one worker at a time, at start and every five minutes. Any of
 * it may be done twice, or late: nothing but disk and the date on a mute depends on it.
 */
export function startUpkeep({ db, directUrl, logger, now = () => new Date() }: UpkeepOptions): Upkeep {
  const stopping = new AbortController()
  const { signal } = stopping
  const tasks = [
    { run: () => compactOutcomes(db, now(), signal), failure: 'the ledger was not compacted' },
    { run: () => unmuteDue(db, now()), failure: 'issues were not unmuted' },
    { run: daily(now, () => expireIssueUsers(db, signal)), failure: 'users of issues were not expired' },
    { run: daily(now, () => expireValues(db, signal)), failure: 'dimension values were not expired' },
  ]

  async function runAll(): Promise<void> {
    for (const { run, failure } of tasks) {
      if (signal.aborted) return
      // One that fails keeps nobody else from his turn.
      await run().catch((error: unknown) => logger.warn({ err: error }, failure))
    }
  }

  const repetition = repeat(
    PAUSE_MS,
    () => whileAlone(directUrl, 'rumen worker upkeep', runAll),
    (error) => logger.warn({ err: error }, 'no upkeep was done'),
  )
  return {
    async stop() {
      stopping.abort()
      await repetition.stop()
    },
  }
}

/** Once a UTC day, and until it succeeds. */
function daily(now: () => Date, run: () => Promise<unknown>): () => Promise<void> {
  let doneOn: string | null = null
  return async () => {
    const today = dayOf(now())
    if (today === doneOn) return
    await run()
    doneOn = today
  }
}
