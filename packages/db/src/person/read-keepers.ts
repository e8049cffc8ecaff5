import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'

/** An event that is kept with what was received. */
export interface StoredKeeper extends ArchiveAddress {
  eventId: EventId
  receivedAt: string
  endpoint: string
  contentType: string | null
  encoding: string
  clientIp: string | null
  userAgent: string | null
  sentryClient: string | null
  body: Buffer
}

/** Bodies held in memory at once; a single one may be large. */
const ROWS_MAX = 20

/** All keepers of a project, a few at a time. */
export async function* readKeepers(db: Db, projectId: ProjectId): AsyncGenerator<readonly StoredKeeper[], void> {
  let after: { groupingId: string; eventId: string } | null = null
  for (;;) {
    const rows: readonly KeeperRecord[] = await db.execute<KeeperRecord>(sql`
      SELECT grouping_id, event_id, day::text AS day, encode(archive_hash, 'hex') AS hash,
        to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS received_at, endpoint, content_type,
        encoding, host(client_ip) AS client_ip, user_agent, sentry_client, body
      FROM keeper
      WHERE project_id = ${projectId}::bigint
        ${after === null ? sql`` : sql`AND (grouping_id, event_id) > (${after.groupingId}::bigint, ${after.eventId}::uuid)`}
      ORDER BY grouping_id, event_id
      LIMIT ${ROWS_MAX}`)
    const last = rows.at(-1)
    if (last === undefined) return
    after = { groupingId: last.grouping_id, eventId: last.event_id }
    yield rows.map((row) => ({
      ...{ projectId, day: row.day, hash: row.hash, eventId: row.event_id, receivedAt: row.received_at },
      ...{ endpoint: row.endpoint, contentType: row.content_type, encoding: row.encoding, clientIp: row.client_ip },
      ...{ userAgent: row.user_agent, sentryClient: row.sentry_client, body: row.body },
    }))
  }
}

interface KeeperRecord extends Record<string, unknown> {
  grouping_id: string
  event_id: EventId
  day: string
  hash: string
  received_at: string
  endpoint: string
  content_type: string | null
  encoding: string
  client_ip: string | null
  user_agent: string | null
  sentry_client: string | null
  body: Buffer
}
