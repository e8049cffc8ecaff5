import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'

/** An event that is kept although its day is over, with what was received. */
export interface FoundKeeper {
  /** Its slug. */
  project: string
  /** `slug-number` */
  issue: string
  title: string
  archive: ArchiveAddress & {
    eventId: EventId | null
    receivedAt: Date
    endpoint: string
    contentType: string | null
    encoding: string
    clientIp: string | null
    userAgent: string | null
    sentryClient: string | null
    body: Buffer
  }
}

/** The keepers of an event id, one for each project that has one, in the order of their projects. */
export async function findKeepers(db: Db, eventId: EventId): Promise<readonly FoundKeeper[]> {
  const rows = await db.execute<KeeperRecord>(sql`
    SELECT DISTINCT ON (project.id) project.slug, project.slug || '-' || issue.number AS issue, issue.title, k.project_id,
      to_char(k.day, 'YYYY-MM-DD') AS day, encode(k.archive_hash, 'hex') AS hash,
      replace(k.archive_event_id::text, '-', '') AS archive_event_id,
      (extract(epoch FROM k.received_at) * 1000)::float8 AS received_ms, k.endpoint, k.content_type, k.encoding,
      host(k.client_ip) AS client_ip, k.user_agent, k.sentry_client, k.body
    FROM project
    JOIN keeper AS k ON k.project_id = project.id AND k.event_id = ${eventId}::uuid
    JOIN "grouping" AS g ON g.project_id = k.project_id AND g.id = k.grouping_id
    JOIN issue ON issue.project_id = g.project_id AND issue.id = g.issue_id AND issue.status <> 'deleting'
    WHERE project.status = 'active'
    ORDER BY project.id`)
  return rows.map(({ slug, issue, title, project_id, day, hash, received_ms, ...row }) => ({
    project: slug,
    issue,
    title,
    archive: {
      projectId: project_id,
      day,
      hash,
      eventId: row.archive_event_id,
      receivedAt: new Date(received_ms),
      endpoint: row.endpoint,
      contentType: row.content_type,
      encoding: row.encoding,
      clientIp: row.client_ip,
      userAgent: row.user_agent,
      sentryClient: row.sentry_client,
      body: row.body,
    },
  }))
}

interface KeeperRecord extends Record<string, unknown> {
  slug: string
  issue: string
  title: string
  project_id: ProjectId
  day: string
  hash: string
  archive_event_id: EventId | null
  received_ms: number
  endpoint: string
  content_type: string | null
  encoding: string
  client_ip: string | null
  user_agent: string | null
  sentry_client: string | null
  body: Buffer
}
