import { randomBytes } from 'node:crypto'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { dayOf } from '@rumen/db/partition/day'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'

const ROWS_PER_STATEMENT = 50
const HASH_BYTES = 32
const ID_BYTES = 16
const ROW_RANDOM_BYTES = ID_BYTES + HASH_BYTES

/**
 * What one connection can write at most: rows a second into the same table, with the gateway's own statement, 50 to a
 * statement and each statement a commit. Bodies are bytes that do not compress, of the size of the load's.
 */
export async function rawInsert(
  databaseUrl: string,
  { projectId, bodyBytes, seconds }: { projectId: string; bodyBytes: number; seconds: number },
): Promise<{ rowsPerSec: number }> {
  let broken: Error | null = null
  const client = await openFlushClient(databaseUrl, (error) => {
    broken = error
  })
  const bodies = Array.from({ length: ROWS_PER_STATEMENT }, () => randomBytes(bodyBytes))
  const receivedAt = new Date()
  const row = (body: Buffer, random: Buffer): ArchiveRow => ({
    projectId: parseProjectId(projectId),
    day: dayOf(receivedAt),
    hash: random.subarray(ID_BYTES),
    eventId: parseEventId(random.toString('hex', 0, ID_BYTES)),
    receivedAt,
    endpoint: 'envelope',
    contentType: 'application/x-sentry-envelope',
    encoding: 'gzip',
    clientIp: '127.0.0.1',
    userAgent: 'sentry.python/2.69.0',
    sentryClient: 'sentry.python/2.69.0',
    queryRelease: null,
    queryEnvironment: null,
    wireBytes: body.length,
    body,
  })
  try {
    const startedAt = performance.now()
    const endsAt = startedAt + seconds * 1000
    let count = 0
    while (performance.now() < endsAt) {
      const random = randomBytes(ROWS_PER_STATEMENT * ROW_RANDOM_BYTES)
      const rows = bodies.map((body, n) => row(body, random.subarray(n * ROW_RANDOM_BYTES, (n + 1) * ROW_RANDOM_BYTES)))
      count += (await insertArchives(client, rows)).length
    }
    if (broken) throw broken
    return { rowsPerSec: (count * 1000) / (performance.now() - startedAt) }
  } finally {
    await client.end()
  }
}
