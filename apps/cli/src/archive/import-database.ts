import { setTimeout as delay } from 'node:timers/promises'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { createCommitArchives } from '@rumen/db/archive/commit-archives'
import { findReceived } from '@rumen/db/archive/find-received'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { type FlushClient, openFlushClient } from '@rumen/db/archive/open-flush-client'
import { archiveAddress } from '@rumen/db/archive/read-archives'
import { connect, type Db } from '@rumen/db/connect'
import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import { createDay } from '@rumen/db/partition/create-days'
import type { Day } from '@rumen/db/partition/day'
import { listDays } from '@rumen/db/partition/list-days'
import { readSuppressed, WHOLE_ARCHIVE } from '@rumen/db/suppressed/read-suppressed'
import { DEAD_QUEUE, DIGEST_QUEUES, EXCESS_QUEUE, WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { jobOf } from '@rumen/queue/job-of'
import { startSender } from '@rumen/queue/start-sender'
import type { OpenDatabase } from '../open-database.ts'
import { commitHalving } from './commit-halving.ts'
import { addressesOf, type Incoming } from './incoming-address.ts'
import { settleForgotten } from './settle-forgotten.ts'

/**
 * What became of an archive: `refused` by the database, for a reason that lies with it; `expired`, when the day it was for was dropped
 * since the import began.
 */
export type Kept = 'imported' | 'present' | 'suppressed' | 'refused' | 'expired'

export interface ImportDatabase {
  db: Db
  /** Says of each archive, in order, what became of it. */
  keep(batch: readonly Incoming[]): Promise<readonly Kept[]>
  close(): Promise<void>
}

interface QueueLimits {
  waitingMax: number
  onWait: (waiting: number) => void
}

const QUEUE_PAUSE_MS = 1_000

/**
 * Archives come in the way the gateway takes them: with a job each, in one transaction. The jobs go to the queue of what is beyond a
 * project's fair rate, so that what comes from outside is digested first. `waitingMax`: as many jobs may wait; where there are more,
 * it stops until workers have taken them (`onWait` is told how many wait), because gateways refuse events while too many do.
 * `dedupeDays`: of what is older nobody remembers that it was seen. Where something of an archive was digested it gets no job, and events
 * that have a report count as seen.
 */
export async function openImportDatabase(
  { url }: Pick<OpenDatabase, 'url'>,
  { dedupeDays, ...limits }: QueueLimits & { dedupeDays: number },
): Promise<ImportDatabase> {
  const { db, sql, close } = connect(url, { poolSize: 2, name: 'rumen archive import' })
  // What breaks fails the statement it breaks under, and is told by that.
  const ignore = () => undefined
  const [sender, client] = await Promise.all([
    startSender(url, ignore),
    openFlushClient(url, ignore, 'rumen archive import flush'),
  ])
  const priorities = new WeakMap<ArchiveRow, number>()
  const commit = createCommitArchives((transaction, archives) =>
    sender.enqueue(
      transaction,
      archives.map((row) => jobOf(row, { queue: EXCESS_QUEUE, priority: priorities.get(row) ?? 0 })),
    ),
  )
  const room = queueRoom(db, limits)
  const days = new Set<Day>()

  async function prepareDays(rows: readonly ArchiveRow[]): Promise<void> {
    for (const { day } of rows) {
      if (days.has(day)) continue
      await createDay(sql, day)
      days.add(day)
    }
  }

  /** Those that were made here and are dropped since, by whoever's clock or settings say so. */
  async function droppedDays(): Promise<ReadonlySet<Day>> {
    const there = new Set(
      (await listDays(db)).flatMap((one) => (one.table === 'archive' && one.isAttached ? one.day : [])),
    )
    return new Set([...days].filter((day) => !there.has(day)))
  }

  return {
    db,
    async keep(batch) {
      const addresses = batch.flatMap(addressesOf)
      const suppressed = await readSuppressed(db, addresses)
      const present = new Set((await findReceived(db, addresses)).map(archiveAddress))
      const isPresent = (one: Incoming) => addressesOf(one).some((address) => present.has(archiveAddress(address)))
      const isSuppressed = (one: Incoming) =>
        addressesOf(one).some((address) => suppressed.isSuppressed(address, WHOLE_ARCHIVE))
      const wanted = batch.filter((one) => !isPresent(one) && !isSuppressed(one))
      const rows = wanted.map(({ row }) => row)
      for (const { row, priority } of wanted) priorities.set(row, priority)
      if (rows.length > 0) await prepareDays(rows)
      const digested = await settleForgotten(db, wanted, dedupeDays)
      const fresh = rows.filter((row) => !digested.has(row))
      const queued = fresh.length === 0 ? NOTHING : await commitHalving({ client, commit }, fresh)
      const restored = digested.size === 0 ? NOTHING : await commitHalving({ client, commit: restore }, [...digested])
      if (queued.inserted.size > 0) await sql.notify(WAKE_UP_CHANNEL, '')
      if (queued.inserted.size > 0) await room.take(queued.inserted.size)
      const [inserted, refused] = [
        new Set([...queued.inserted, ...restored.inserted]),
        new Set([...queued.refused, ...restored.refused]),
      ]
      const dropped = refused.size > 0 ? await droppedDays() : NO_DAYS
      return batch.map((one) => {
        if (inserted.has(one.row)) return 'imported'
        if (refused.has(one.row)) return dropped.has(one.row.day) ? 'expired' : 'refused'
        return isSuppressed(one) ? 'suppressed' : 'present'
      })
    },
    async close() {
      await Promise.all([sender.stop(), client.end().catch(ignore), close()])
    },
  }
}

const NO_DAYS: ReadonlySet<Day> = new Set()
const NOTHING = { inserted: new Set<ArchiveRow>(), refused: new Set<ArchiveRow>() }

/** Without a job. */
async function restore(client: FlushClient, rows: readonly ArchiveRow[]): Promise<ReadonlySet<ArchiveRow>> {
  return new Set(await insertArchives(client, rows))
}

/** Counts on from the last measurement, and measures again only where that might be too many. */
function queueRoom(db: Db, { waitingMax, onWait }: QueueLimits) {
  let waiting: number | null = null
  async function measure() {
    await measureQueue(db, { digest: DIGEST_QUEUES, dead: DEAD_QUEUE })
    return (await readGauges(db)).queue_waiting
  }
  return {
    async take(count: number): Promise<void> {
      const takenMs = performance.now()
      waiting = (waiting ?? (await measure())?.value ?? 0) + count
      while (waiting > waitingMax) {
        const gauge = await measure()
        // An older one, of another process, knows nothing of these.
        const isRecent = gauge !== undefined && gauge.ageSeconds * 1000 < performance.now() - takenMs
        if (isRecent) waiting = gauge.value
        if (waiting <= waitingMax) return
        if (isRecent) onWait(waiting)
        await delay(QUEUE_PAUSE_MS)
      }
    },
  }
}
