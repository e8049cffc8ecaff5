import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress } from './archive-row.ts'

/** All that is known of an archive. */
export interface WholeArchive extends ArchiveAddress {
  eventId: EventId | null
  /** With microseconds, as PostgreSQL reads it. */
  receivedAt: string
  endpoint: string
  contentType: string | null
  encoding: string
  clientIp: string | null
  userAgent: string | null
  sentryClient: string | null
  queryRelease: string | null
  queryEnvironment: string | null
  wireBytes: number
  /** Null once erased. */
  body: Buffer | null
  erasedAt: string | null
}

/** The archives that exist at the addresses, all of one day, in no order. The caller bounds their bytes. */
export async function readWholeArchives(
  db: Db,
  day: string,
  addresses: readonly ArchiveAddress[],
): Promise<readonly WholeArchive[]> {
  const wanted = addresses.map(({ projectId, hash }) => ({ project_id: projectId, hash: `\\x${hash}` }))
  const rows = await db.execute<WholeRecord>(sql`
    SELECT
      archive.project_id, encode(archive.hash, 'hex') AS hash, replace(archive.event_id::text, '-', '') AS event_id,
      to_char(archive.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS received_at,
      archive.endpoint, archive.content_type, archive.encoding, host(archive.client_ip) AS client_ip, archive.user_agent,
      archive.sentry_client, archive.query_release, archive.query_environment, archive.wire_bytes, archive.body,
      to_char(archive.erased_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS erased_at
    FROM ${recordset(archive, ['project_id', 'hash'], wanted)}
    JOIN archive ON archive.project_id = r.project_id AND archive.day = ${day}::date AND archive.hash = r.hash`)
  return rows.map((row) => ({
    projectId: row.project_id,
    day,
    hash: row.hash,
    eventId: row.event_id,
    receivedAt: row.received_at,
    endpoint: row.endpoint,
    contentType: row.content_type,
    encoding: row.encoding,
    clientIp: row.client_ip,
    userAgent: row.user_agent,
    sentryClient: row.sentry_client,
    queryRelease: row.query_release,
    queryEnvironment: row.query_environment,
    wireBytes: row.wire_bytes,
    body: row.body,
    erasedAt: row.erased_at,
  }))
}

interface WholeRecord extends Record<string, unknown> {
  project_id: ProjectId
  hash: string
  event_id: EventId | null
  received_at: string
  endpoint: string
  content_type: string | null
  encoding: string
  client_ip: string | null
  user_agent: string | null
  sentry_client: string | null
  query_release: string | null
  query_environment: string | null
  wire_bytes: number
  body: Buffer | null
  erased_at: string | null
}
