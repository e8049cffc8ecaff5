import type { ArchiveAddress, ArchiveRow } from '@rumen/db/archive/archive-row'
import type { ReceivedArchive } from '@rumen/db/archive/find-received'
import { archiveAddress } from '@rumen/db/archive/read-archives'
import type { Day } from '@rumen/db/partition/day'
import { blamesData } from '@rumen/db/sql-state'
import type { Logger } from '@rumen/telemetry/logger'
import type { Breaker } from './breaker.ts'
import type { Committed, Receipt } from './flush.ts'
import type { GroupCommit } from './group-commit.ts'

/**
 * Commits receipts that waited in the spool and says of each, in order, how; `refused` is what the database will not have
 * for a reason that lies with the receipt. Rejects while the database is away.
 */
export type CommitDrained = (receipts: readonly Receipt[]) => Promise<readonly (Committed | 'refused')[]>

/**
 * The normal path, with two additions. A day that has no partition gets one. And a receipt that is there already may be
 * so because a flush of it was committed after all, or a drain before this one was killed: then it is not seen again, it
 * is seen. The two are told apart by when they came in.
 */
export function createCommitDrained({
  groupCommit,
  breaker,
  createDay,
  findReceived,
  logger,
}: {
  groupCommit: Pick<GroupCommit, 'commit'>
  breaker: Breaker
  createDay: (day: Day) => Promise<void>
  findReceived: (addresses: readonly ArchiveAddress[]) => Promise<readonly ReceivedArchive[]>
  logger: Logger
}): CommitDrained {
  const days = new Set<Day>()

  async function prepareDays(receipts: readonly Receipt[]): Promise<void> {
    for (const { archive } of receipts) {
      if (days.has(archive.day)) continue
      await createDay(archive.day)
      days.add(archive.day)
    }
  }

  async function commitOne(receipt: Receipt): Promise<Committed | 'refused'> {
    try {
      return await groupCommit.commit(receipt)
    } catch (error) {
      // Whatever else went wrong may go right another time: what was answered 200 is not given up for it.
      if (!blamesData(error)) throw error
      logger.error({ err: error, project: receipt.archive.projectId }, 'a spooled event is refused by the database')
      return 'refused'
    }
  }

  return async (receipts) => {
    try {
      await prepareDays(receipts)
      const committed = await Promise.all(receipts.map(commitOne))
      breaker.succeeded()
      const repeated = receipts
        .filter((_, at) => committed[at] === 'seen_again')
        .map(({ archive }) => addressOf(archive))
      const found = await findReceived(repeated)
      const itself = new Set(found.map((one) => `${archiveAddress(one)} ${one.receivedAtMs}`))
      return receipts.map(({ archive }, at) =>
        itself.has(`${archiveAddress(addressOf(archive))} ${archive.receivedAt.getTime()}`)
          ? 'archived'
          : (committed[at] ?? 'archived'),
      )
    } catch (error) {
      // Another time the day may be gone.
      days.clear()
      throw error
    }
  }
}

function addressOf({ projectId, day, hash }: ArchiveRow): ArchiveAddress {
  return { projectId, day, hash: hash.toString('hex') }
}
