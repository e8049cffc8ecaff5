import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { createCommitArchives } from '@rumen/db/archive/commit-archives'
import type { FlushClient } from '@rumen/db/archive/open-flush-client'
import { DIGEST_QUEUE, type DigestQueue } from '@rumen/queue/digest-queue'
import { jobOf } from '@rumen/queue/job-of'
import type { Sender } from '@rumen/queue/start-sender'

/** One answered request to be: what is archived, which queue its job goes to, and how urgent its project is. */
export interface Receipt {
  archive: ArchiveRow
  queue: DigestQueue
  priority: number
  /** The step of a trace it came in with, where one is recorded. A spool does not keep it. */
  traceparent?: string | undefined
}

/** How a receipt was committed: as a new archive, or as the bytes of one that was there already that day. */
export type Committed = 'archived' | 'seen_again'

/** Commits archives and their jobs together and says of each receipt, in order, how; or throws and leaves nothing. */
export type Flush = (client: FlushClient, receipts: readonly Receipt[]) => Promise<readonly Committed[]>

/**
 * One transaction for all receipts that waited at the same time. Same bytes on the same day: one archive, one job, and both
 * requests are answered.
 */
export function createFlush(sender: Pick<Sender, 'enqueue'>): Flush {
  const receiptOf = new WeakMap<ArchiveRow, Receipt>()
  const commit = createCommitArchives((transaction, archives) => {
    const jobs = archives.map((archive) => {
      const { queue = DIGEST_QUEUE, priority = 0, traceparent } = receiptOf.get(archive) ?? {}
      return jobOf(archive, { queue, priority, traceparent })
    })
    return sender.enqueue(transaction, jobs)
  })
  return async (client, receipts) => {
    for (const receipt of receipts) receiptOf.set(receipt.archive, receipt)
    const rows = receipts.map((receipt) => receipt.archive)
    const fresh = await commit(client, rows)
    return rows.map((row) => (fresh.has(row) ? 'archived' : 'seen_again'))
  }
}
