import { setTimeout as delay } from 'node:timers/promises'
import type { ArchiveAddress, ArchiveRow } from '@rumen/db/archive/archive-row'
import { createCommitArchives } from '@rumen/db/archive/commit-archives'
import { findReceived } from '@rumen/db/archive/find-received'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { archiveAddress } from '@rumen/db/archive/read-archives'
import { connect, type Db } from '@rumen/db/connect'
import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import { createDay } from '@rumen/db/partition/create-days'
import type { Day } from '@rumen/db/partition/day'
import { readSuppressed, WHOLE_ARCHIVE } from '@rumen/db/suppressed/read-suppressed'
import { DEAD_QUEUE, DIGEST_QUEUES, EXCESS_QUEUE, WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { jobOf } from '@rumen/queue/job-of'
import { startSender } from '@rumen/queue/start-sender'
import type { OpenDatabase } from '../open-database.ts'
import { commitHalving } from './commit-halving.ts'

/** An archive to be kept, and the priority of its project's jobs. */
export interface Incoming {
  row: ArchiveRow
  priority: number
}

/** What became of an archive: `refused` by the database, for a reason that lies with it. */
export type Kept = 'imported' | 'present' | 'suppressed' | 'refused'

export interface ImportDatabase {
  db: Db
  /** Says of each archive, in order, what became of it. */
  keep(batch: readonly Incoming[]): Promise<readonly Kept[]>
  close(): Promise<void>
}

const QUEUE_PAUSE_MS = 1_000

/**
 * Archives come in the way the gateway takes them: with a job each, in one transaction. The jobs go to the queue of what is beyond a
 * project's fair rate, so that what comes from outside is digested first. `waitingMax`: as many jobs may wait; where there are more,
 * it stops until workers have taken them (`onWait` is told how many wait), because gateways refuse events while too many do.
 */
export async function openImportDatabase(
  { url }: Pick<OpenDatabase, 'url'>,
  { waitingMax, onWait }: { waitingMax: number; onWait: (waiting: number) => void },
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
  const room = queueRoom(db, { waitingMax, onWait })
  const days = new Set<Day>()

  async function prepareDays(rows: readonly ArchiveRow[]): Promise<void> {
    for (const { day } of rows) {
      if (days.has(day)) continue
      await createDay(sql, day)
      days.add(day)
    }
  }

  return {
    db,
    async keep(batch) {
      const addresses = batch.map(({ row }) => addressOf(row))
      const suppressed = await readSuppressed(db, addresses)
      const present = new Set((await findReceived(db, addresses)).map(archiveAddress))
      const wanted = batch.filter((_, at) => {
        const address = addresses[at]
        return address && !present.has(archiveAddress(address)) && !suppressed.isSuppressed(address, WHOLE_ARCHIVE)
      })
      const rows = wanted.map(({ row }) => row)
      for (const { row, priority } of wanted) priorities.set(row, priority)
      if (rows.length > 0) await prepareDays(rows)
      const { inserted, refused } = rows.length === 0 ? NOTHING : await commitHalving({ client, commit }, rows)
      if (inserted.size > 0) await sql.notify(WAKE_UP_CHANNEL, '')
      if (inserted.size > 0) await room.take(inserted.size)
      return batch.map(({ row }, at) => {
        const address = addresses[at]
        if (inserted.has(row)) return 'imported'
        if (refused.has(row)) return 'refused'
        return address && suppressed.isSuppressed(address, WHOLE_ARCHIVE) ? 'suppressed' : 'present'
      })
    },
    async close() {
      await Promise.all([sender.stop(), client.end().catch(ignore), close()])
    },
  }
}

const NOTHING = { inserted: new Set<ArchiveRow>(), refused: new Set<ArchiveRow>() }

function addressOf({ projectId, day, hash }: ArchiveRow): ArchiveAddress {
  return { projectId, day, hash: hash.toString('hex') }
}

/** Counts on from the last measurement, and measures again only where that might be too many. */
function queueRoom(db: Db, { waitingMax, onWait }: { waitingMax: number; onWait: (waiting: number) => void }) {
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
