import type { Client } from 'pg'
import type { ArchiveRow } from './archive-row.ts'

const HASH_BYTES = 32

/** Texts as they come from the server: bytes are compared, never read. */
const AS_TEXT = { getTypeParser: () => (value: string) => value }

/**
 * Inserts the archives and gives the rows that were not there before, in their order. Sorted by address first, so that
 * two flushes with the same bodies cannot deadlock.
 *
 * Bodies and hashes travel as two binary parameters and are cut apart by the server. Through the text protocol every
 * byte would be two, at twice the CPU on both sides; that is why this is the one statement that goes through `pg`.
 */
export async function insertArchives(client: Client, rows: readonly ArchiveRow[]): Promise<readonly ArchiveRow[]> {
  const sorted = rows.map((row) => ({ row, address: addressOf(row) })).sort(byAddress)
  const result = await client.query<{ address: string }>({
    name: 'insert-archives',
    text: INSERT,
    values: parametersOf(sorted.map(({ row }) => row)),
    types: AS_TEXT,
  })
  const inserted = new Set(result.rows.map(({ address }) => address))
  // Each address once: the same body twice in one flush is one row, and one job.
  const fresh = sorted.filter(({ address }) => inserted.delete(address)).map(({ row }) => row)
  if (fresh.length !== result.rows.length) {
    throw new Error(`${result.rows.length} archives were inserted, ${fresh.length} of them recognised`)
  }
  return fresh
}

const INSERT = `
  INSERT INTO archive (
    project_id, day, hash, event_id, received_at, endpoint, content_type, encoding, client_ip, user_agent,
    sentry_client, query_release, query_environment, wire_bytes, body
  )
  SELECT
    r.project_id, r.day, substr($2::bytea, r.hash_start, ${HASH_BYTES}), r.event_id, r.received_at, r.endpoint, r.content_type,
    r.encoding, r.client_ip, r.user_agent, r.sentry_client, r.query_release, r.query_environment, r.wire_bytes,
    substr($3::bytea, r.body_start, r.body_bytes)
  FROM json_to_recordset($1::json) AS r(
    project_id bigint, day date, hash_start int, event_id uuid, received_at timestamptz, endpoint text,
    content_type text, encoding text, client_ip inet, user_agent text, sentry_client text, query_release text,
    query_environment text, wire_bytes int, body_start int, body_bytes int
  )
  ON CONFLICT DO NOTHING
  RETURNING project_id || ' ' || to_char(day, 'YYYY-MM-DD') || ' ' || encode(hash, 'hex') AS address`

function parametersOf(rows: readonly ArchiveRow[]): [string, Buffer, Buffer] {
  let bodyStart = 1 // substr counts from 1
  const described = rows.map((row, at) => {
    const start = bodyStart
    bodyStart += row.body.length
    return {
      project_id: row.projectId,
      day: row.day,
      hash_start: at * HASH_BYTES + 1,
      event_id: row.eventId,
      received_at: row.receivedAtText ?? row.receivedAt,
      endpoint: row.endpoint,
      content_type: row.contentType,
      encoding: row.encoding,
      client_ip: row.clientIp,
      user_agent: row.userAgent,
      sentry_client: row.sentryClient,
      query_release: row.queryRelease,
      query_environment: row.queryEnvironment,
      wire_bytes: row.wireBytes,
      body_start: start,
      body_bytes: row.body.length,
    }
  })
  return [
    JSON.stringify(described),
    Buffer.concat(rows.map((row) => row.hash)),
    Buffer.concat(rows.map((row) => row.body)),
  ]
}

function addressOf(row: ArchiveRow): string {
  return `${row.projectId} ${row.day} ${row.hash.toString('hex')}`
}

function byAddress(a: { address: string }, b: { address: string }): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0
}
