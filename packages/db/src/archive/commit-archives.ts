import type { QueryResult } from 'pg'
import type { ArchiveRow } from './archive-row.ts'
import { insertArchives } from './insert-archives.ts'
import type { FlushClient } from './open-flush-client.ts'

/** What runs statements in the transaction the archives are inserted in. */
export interface ArchiveTransaction {
  executeSql(text: string, values?: unknown[]): Promise<QueryResult>
}

/** Queues a job for each of the archives within the transaction, and gives how many it queued. */
export type EnqueueArchives = (transaction: ArchiveTransaction, archives: readonly ArchiveRow[]) => Promise<number>

/**
 * Commits archives together with their jobs and gives those rows that were not there before; or throws and leaves
 * nothing, but a transaction for the caller to roll back.
 */
export type CommitArchives = (client: FlushClient, rows: readonly ArchiveRow[]) => Promise<ReadonlySet<ArchiveRow>>

/**
 * The one way archives come into the database: archives first, then a job for exactly those that were not there, in one
 * transaction. Same bytes on the same day: one archive, one job.
 */
export function createCommitArchives(enqueue: EnqueueArchives): CommitArchives {
  const names = createStatementNames()
  return async (client, rows) => {
    const transaction: ArchiveTransaction = {
      executeSql: (text, values) => client.query({ name: names(text), text, values: values ?? [] }),
    }
    // Both are on the wire before either is answered, which saves a round trip. BEGIN can only fail together with its
    // connection, and then nothing behind it runs.
    const [, inserted] = await Promise.all([client.query('BEGIN'), insertArchives(client, rows)])
    if (inserted.length > 0) {
      const enqueued = await enqueue(transaction, inserted)
      if (enqueued !== inserted.length) {
        throw new Error(`${inserted.length} archives but ${enqueued} jobs: the flush is rolled back`)
      }
    }
    const { command } = await client.query('COMMIT')
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error.
    if (command !== 'COMMIT') throw new Error('the flush was rolled back at COMMIT')
    return new Set(inserted)
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
