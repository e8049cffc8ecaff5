import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { type FlushClient, openFlushClient } from '@rumen/db/archive/open-flush-client'
import { DIGEST_QUEUE } from '@rumen/queue/digest-queue'
import { type NewJob, type Sender, startSender } from '@rumen/queue/start-sender'

export interface Filler {
  /** Archives and their jobs, committed together as the gateway commits them: what workers that start now find. */
  fill(archives: readonly ArchiveRow[]): Promise<void>
  close(): Promise<void>
}

const ROWS_PER_COMMIT = 500

export async function openFiller(databaseUrl: string): Promise<Filler> {
  let broken: Error | null = null
  const onError = (error: Error) => {
    broken = error
  }
  const client = await openFlushClient(databaseUrl, onError)
  const sender = await startSender(databaseUrl, onError)
  return {
    async fill(archives) {
      for (let at = 0; at < archives.length; at += ROWS_PER_COMMIT) {
        await commit(client, sender, archives.slice(at, at + ROWS_PER_COMMIT))
        if (broken) throw broken
      }
    },
    async close() {
      await Promise.all([client.end(), sender.stop()])
    },
  }
}

async function commit(client: FlushClient, sender: Sender, archives: readonly ArchiveRow[]): Promise<void> {
  await client.query('BEGIN')
  const inserted = await insertArchives(client, archives)
  const jobs = inserted.map(
    (archive): NewJob => ({
      project_id: archive.projectId,
      day: archive.day,
      hash: archive.hash.toString('hex'),
      queue: DIGEST_QUEUE,
      priority: 0,
    }),
  )
  const transaction = {
    executeSql: (text: string, values?: unknown[]) => client.query({ text, values: values ?? [] }),
  }
  const enqueued = await sender.enqueue(transaction, jobs)
  const { command } = await client.query('COMMIT')
  if (command !== 'COMMIT' || enqueued !== archives.length) {
    throw new Error(`${archives.length} archives were to be queued, ${enqueued} were (${command})`)
  }
}
