import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress } from './archive-row.ts'

/** An archive with what its project wants done with it. */
export interface ReadArchive extends ArchiveAddress {
  eventId: EventId | null
  receivedAt: Date
  endpoint: string
  contentType: string | null
  encoding: string
  clientIp: string | null
  userAgent: string | null
  sentryClient: string | null
  queryRelease: string | null
  queryEnvironment: string | null
  body: Buffer
  /** Some of it, or all, must not come back: `readSuppressed` says what. */
  hasSuppressed: boolean
  /** The newest erasure of a person in its project; null: nobody was erased. */
  erasureId: number | null
  /** Version of the `grouping_config` of its project. */
  groupingVersion: number
  /** The one before, while the project moves from that to this. */
  formerGroupingVersion: number | null
}

/** Bodies held in memory at once; a single larger one is read all the same. They arrive as text, twice as long. */
const BYTES_MAX = 32 * 1024 * 1024

/**
 * The archives that exist at the addresses, in rounds of at most 32 MiB of bodies: one query for each day, and one
 * round, where they are of usual size. A batch of two hundred attachments must not take the memory of all of them. Those
 * that were erased, and those of a project that is being deleted, are passed over.
 */
export async function* readArchives(
  db: Db,
  addresses: readonly ArchiveAddress[],
): AsyncGenerator<readonly ReadArchive[], void> {
  for (const [day, ofDay] of Map.groupBy(addresses, (address) => address.day)) {
    let wanted: readonly ArchiveAddress[] = ofDay
    while (wanted.length > 0) {
      const rows = await readDay(db, day, wanted)
      const read = rows.flatMap(({ body, ...row }) => (body ? [{ ...row, body }] : []))
      if (read.length > 0) yield read
      const left = new Set(rows.filter(({ body }) => body === null).map(archiveAddress))
      wanted = wanted.filter((address) => left.has(archiveAddress(address)))
    }
  }
}

/** What one query finds; without the body where those before it filled the round. */
type FoundArchive = Omit<ReadArchive, 'body'> & { body: Buffer | null }

async function readDay(db: Db, day: string, addresses: readonly ArchiveAddress[]): Promise<FoundArchive[]> {
  const wanted = addresses.map(({ projectId, hash }) => ({ project_id: projectId, hash: `\\x${hash}` }))
  const rows = await db.execute<ArchiveRecord>(sql`
    WITH found AS (
      SELECT archive.*, sum(octet_length(archive.body)) OVER (ORDER BY archive.project_id, archive.hash) AS bytes
      FROM ${recordset(archive, ['project_id', 'hash'], wanted)}
      JOIN archive ON archive.project_id = r.project_id AND archive.day = ${day}::date AND archive.hash = r.hash
      WHERE archive.body IS NOT NULL
    )
    SELECT
      found.project_id, encode(found.hash, 'hex') AS hash, replace(found.event_id::text, '-', '') AS event_id,
      (extract(epoch FROM found.received_at) * 1000)::float8 AS received_ms, found.endpoint, found.content_type,
      found.encoding, host(found.client_ip) AS client_ip, found.user_agent, found.sentry_client,
      found.query_release, found.query_environment,
      CASE WHEN found.bytes - octet_length(found.body) < ${BYTES_MAX} THEN found.body END AS body,
      EXISTS (
        SELECT FROM suppressed
        WHERE suppressed.project_id = found.project_id AND suppressed.day = found.day
          AND suppressed.archive_hash = found.hash
      ) AS has_suppressed,
      (SELECT max(erasure.id) FROM erasure WHERE erasure.project_id = found.project_id)::float8 AS erasure_id,
      project.grouping_version,
      CASE WHEN project.adopts_until > now() THEN project.former_grouping_version END AS former_grouping_version
    FROM found
    JOIN project ON project.id = found.project_id AND project.status = 'active'`)
  return rows.map((row) => ({
    projectId: row.project_id,
    day,
    hash: row.hash,
    eventId: row.event_id,
    receivedAt: new Date(row.received_ms),
    endpoint: row.endpoint,
    contentType: row.content_type,
    encoding: row.encoding,
    clientIp: row.client_ip,
    userAgent: row.user_agent,
    sentryClient: row.sentry_client,
    queryRelease: row.query_release,
    queryEnvironment: row.query_environment,
    body: row.body,
    hasSuppressed: row.has_suppressed,
    erasureId: row.erasure_id,
    groupingVersion: row.grouping_version,
    formerGroupingVersion: row.former_grouping_version,
  }))
}

interface ArchiveRecord extends Record<string, unknown> {
  project_id: ProjectId
  hash: string
  event_id: EventId | null
  received_ms: number
  endpoint: string
  content_type: string | null
  encoding: string
  client_ip: string | null
  user_agent: string | null
  sentry_client: string | null
  query_release: string | null
  query_environment: string | null
  body: Buffer | null
  has_suppressed: boolean
  erasure_id: number | null
  grouping_version: number
  former_grouping_version: number | null
}

export function archiveAddress({ projectId, day, hash }: ArchiveAddress): string {
  return `${projectId} ${day} ${hash}`
}
