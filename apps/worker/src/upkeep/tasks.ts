import type { Connection } from '@rumen/db/connect'
import { expireValues } from '@rumen/db/dimension/expire-values'
import { measureDisk } from '@rumen/db/disk/measure-disk'
import { expireIssueUsers } from '@rumen/db/issue/expire-users'
import { unmuteDue } from '@rumen/db/issue/unmute-due'
import { compactOutcomes } from '@rumen/db/outcome/compact-outcomes'
import { createDays } from '@rumen/db/partition/create-days'
import { finishDeletions } from '@rumen/db/project/finish-deletions'
import { countDays } from '@rumen/db/report/count-days'
import { dropDays } from '@rumen/db/retention/drop-days'
import { expireProjects } from '@rumen/db/retention/expire-projects'
import { expireRows } from '@rumen/db/retention/expire-rows'
import { holdLargeDrop } from '@rumen/db/retention/large-drop'
import type { Retention } from '@rumen/db/retention/retention'
import { DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import type { Rhythm } from '@rumen/queue/upkeep-queue'
import type { Logger } from '@rumen/telemetry/logger'

export interface TaskOptions extends Pick<Connection, 'db' | 'sql'> {
  /** Where its disk may be asked after. */
  url: string
  /** Reaches PostgreSQL itself, not a transaction pooler. */
  directUrl: string
  retention: Retention
  /** What the database may take in all; null: as much as is free. */
  diskBytes: number | null
  logger: Logger
}

interface Task {
  run: (now: Date, signal: AbortSignal) => Promise<unknown>
  failure: string
}

/** In one go, of a rhythm of five minutes. */
const DELETION_MS_MAX = 4 * 60 * 1000

/**
 * What has to be done now and then for what gateways and workers write. Any of it may be done twice, late, or by two at
 * once: what is shown and counted does not depend on it, but for the date on a mute.
 */
export function tasksOf({
  db,
  sql,
  url,
  directUrl,
  retention,
  diskBytes,
  logger,
}: TaskOptions): Record<Rhythm, Task[]> {
  const drop = (now: Date, signal: AbortSignal) => {
    const onError = (err: unknown, { table, day }: { table: string; day: string }) =>
      logger.warn({ err, table, day }, 'a day whose time is over was not dropped')
    return dropDays(db, { retention, now, queues: DIGEST_QUEUES, directUrl, onError }, signal)
  }
  /** Deletes by age, unless more is over at once than anybody may have meant. */
  const unlessLarge = (run: Task['run']) => async (now: Date, signal: AbortSignal) => {
    const held = await holdLargeDrop(db, { retention, now })
    if (held === null) return await run(now, signal)
    logger.warn(
      { days: held.days, newestDay: held.newestDay, dueAt: held.dueAt },
      'many days at once are due to be dropped: they wait',
    )
  }
  return {
    often: [
      { run: (now, signal) => compactOutcomes(db, now, signal), failure: 'the ledger was not compacted' },
      { run: (now) => unmuteDue(db, now), failure: 'issues were not unmuted' },
      {
        // What else is done as often must not wait for a large one: it goes on the next time.
        run: (_, signal) => finishDeletions(db, AbortSignal.any([signal, AbortSignal.timeout(DELETION_MS_MAX)])),
        failure: 'projects were not deleted',
      },
    ],
    hourly: [
      { run: (now) => createDays(sql, now), failure: 'the days to come were not made' },
      { run: unlessLarge(drop), failure: 'days whose time is over were not dropped' },
      {
        run: unlessLarge((now, signal) => expireProjects(db, { retention, now, queues: DIGEST_QUEUES }, signal)),
        failure: 'what projects keep for less than all others was not deleted',
      },
      { run: (_, signal) => countDays(db, signal), failure: 'reports were not counted by day' },
      { run: (now) => measureDisk(db, { now, url, diskBytes }), failure: 'the disk was not measured' },
    ],
    daily: [
      { run: (_, signal) => expireIssueUsers(db, signal), failure: 'users of issues were not expired' },
      { run: (_, signal) => expireValues(db, signal), failure: 'dimension values were not expired' },
      {
        run: unlessLarge((now, signal) => expireRows(db, { retention, now }, signal)),
        failure: 'rows whose time is over were not deleted',
      },
    ],
  }
}
