import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import type { FlushClient } from '@rumen/db/archive/open-flush-client'
import { DIGEST_QUEUE, type DigestQueue } from '@rumen/queue/digest-queue'
import type { NewJob, Sender } from '@rumen/queue/start-sender'

/** One answered request to be: what is archived, which queue its job goes to, and how urgent its project is. */
export interface Receipt {
  archive: ArchiveRow
  queue: DigestQueue
  priority: number
}

/** How a receipt was committed: as a new archive, or as the bytes of one that was there already that day. */
export type Committed = 'archived' | 'seen_again'

/** Commits archives and their jobs together and says of each receipt, in order, how; or throws and leaves nothing. */
export type Flush = (client: FlushClient, receipts: readonly Receipt[]) => Promise<readonly Committed[]>

/**
 * One transaction for all receipts that waited at the same time: archives first, then a job for exactly those that were
 * not there before. Same bytes on the same day: one archive, one job, and both requests are answered.
 */
export function createFlush(sender: Pick<Sender, 'enqueue'>): Flush {
  const names = createStatementNames()
  return async (client, receipts) => {
    const transaction = {
      executeSql: (text: string, values?: unknown[]) => client.query({ name: names(text), text, values: values ?? [] }),
    }
    const rows = receipts.map((receipt) => receipt.archive)
    // Both are on the wire before either is answered, which saves a round trip. BEGIN can only fail together with its
    // connection, and then nothing behind it runs.
    const [, inserted] = await Promise.all([client.query('BEGIN'), insertArchives(client, rows)])
    if (inserted.length > 0) {
      const jobs = jobsFor(inserted, receipts)
      const enqueued = await sender.enqueue(transaction, jobs)
      if (enqueued !== inserted.length) {
        throw new Error(`${inserted.length} archives but ${enqueued} jobs: the flush is rolled back`)
      }
    }
    const { command } = await client.query('COMMIT')
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error.
    if (command !== 'COMMIT') throw new Error('the flush was rolled back at COMMIT')
    const fresh = new Set(inserted)
    return rows.map((row) => (fresh.has(row) ? 'archived' : 'seen_again'))
  }
}

/**
 * A name for each text, of which there is one for each queue: planned anew in every flush, the insert of jobs costs the
 * server as much as that of their archives (measured: 57 µs a row, named 43). Fetching jobs must never be named; inserting
 * them has no plan that an empty table could spoil.
 */
function createStatementNames(): (text: string) => string {
  const names = new Map<string, string>()
  return (text) => {
    const name = names.get(text) ?? `enqueue-${names.size + 1}`
    names.set(text, name)
    return name
  }
}

function jobsFor(inserted: readonly ArchiveRow[], receipts: readonly Receipt[]): NewJob[] {
  const receiptOf = new Map(receipts.map((receipt) => [receipt.archive, receipt]))
  return inserted.map((archive) => ({
    project_id: archive.projectId,
    day: archive.day,
    hash: archive.hash.toString('hex'),
    queue: receiptOf.get(archive)?.queue ?? DIGEST_QUEUE,
    priority: receiptOf.get(archive)?.priority ?? 0,
  }))
}
