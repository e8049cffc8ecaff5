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
  groupingMechanism: string
  groupingStrategy: string
}

/** The archives that exist, by `archiveAddress`; one query for each day, so that each looks into one partition. */
export async function readArchives(
  db: Db,
  addresses: readonly ArchiveAddress[],
): Promise<ReadonlyMap<string, ReadArchive>> {
  const days = Map.groupBy(addresses, (address) => address.day)
  const found = await Promise.all([...days].map(([day, ofDay]) => readDay(db, day, ofDay)))
  return new Map(found.flat().map((read) => [archiveAddress(read), read]))
}

async function readDay(db: Db, day: string, addresses: readonly ArchiveAddress[]): Promise<ReadArchive[]> {
  const wanted = addresses.map(({ projectId, hash }) => ({ project_id: projectId, hash: `\\x${hash}` }))
  const rows = await db.execute<ArchiveRecord>(sql`
    SELECT
      archive.project_id, encode(archive.hash, 'hex') AS hash, replace(archive.event_id::text, '-', '') AS event_id,
      extract(epoch FROM archive.received_at)::float8 * 1000 AS received_ms, archive.endpoint, archive.content_type,
      archive.encoding, host(archive.client_ip) AS client_ip, archive.user_agent, archive.sentry_client,
      archive.query_release, archive.query_environment, archive.body,
      project.grouping_mechanism, project.grouping_strategy
    FROM ${recordset(archive, ['project_id', 'hash'], wanted)}
    JOIN archive ON archive.project_id = r.project_id AND archive.day = ${day}::date AND archive.hash = r.hash
    JOIN project ON project.id = archive.project_id
    WHERE archive.body IS NOT NULL`)
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
    groupingMechanism: row.grouping_mechanism,
    groupingStrategy: row.grouping_strategy,
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
  body: Buffer
  grouping_mechanism: string
  grouping_strategy: string
}

export function archiveAddress({ projectId, day, hash }: ArchiveAddress): string {
  return `${projectId} ${day} ${hash}`
}
