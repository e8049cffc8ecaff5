import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { dayOf } from '@rumen/db/partition/day'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseEventId } from '@rumen/protocol/event-id'
import { frame } from './post-event.ts'

/** Of one statement. */
const ROWS = 500
const HOUR_MS = 3_600_000

/**
 * Archives so many events straight into the table, as a gateway would have, with no job: 50 bugs, 1,000 users, five releases, and
 * half a kilobyte each. They came in an hour ago, or when the day began.
 */
export async function archiveMany(databaseUrl: string, { id }: { id: ProjectId }, count: number): Promise<void> {
  const client = await openFlushClient(databaseUrl, (error) => {
    throw error
  })
  const now = Date.now()
  const receivedAt = new Date(Math.max(now - HOUR_MS, now - (now % (24 * HOUR_MS))))
  try {
    for (let at = 0; at < count; at += ROWS) {
      const rows = Array.from({ length: Math.min(ROWS, count - at) }, (_, n) => rowOf(id, at + n, receivedAt))
      await insertArchives(client, rows)
    }
  } finally {
    await client.end()
  }
}

function rowOf(projectId: ProjectId, n: number, receivedAt: Date) {
  const event_id = hash('md5', `${projectId} ${n}`)
  const event = {
    event_id,
    timestamp: receivedAt.getTime() / 1000 - (n % 600),
    platform: 'node',
    level: n % 7 === 0 ? 'warning' : 'error',
    release: `shop@1.${n % 5}.0`,
    environment: n % 3 === 0 ? 'live' : 'test',
    user: { id: `user ${n % 1_000}` },
    tags: { flavour: `f${n % 10}` },
    contexts: { os: { name: 'Linux', version: `6.${n % 4}` } },
    exception: {
      values: [
        { type: `Bug${n % 50}`, value: `number ${n}`, stacktrace: { frames: [frame('app.js', `step${n % 50}`)] } },
      ],
    },
  }
  const body = gzipSync([{ event_id }, { type: 'event' }, event].map((line) => JSON.stringify(line)).join('\n'), {
    level: 1,
  })
  return {
    ...{
      projectId,
      day: dayOf(receivedAt),
      hash: hash('sha256', body, 'buffer'),
      eventId: parseEventId(event_id),
      receivedAt,
    },
    ...({ endpoint: 'envelope', contentType: null, encoding: 'gzip', clientIp: null, userAgent: null } as const),
    ...{ sentryClient: null, queryRelease: null, queryEnvironment: null, wireBytes: body.length, body },
  }
}
