import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { parseEnvelope } from '@rumen/protocol/envelope'
import type { Row, Sql } from 'postgres'

const DECODED_BYTES_MAX = 256 * 1024 * 1024

export interface ArchivedItem {
  type: string
  headers: Readonly<Record<string, unknown>>
  payload: Buffer
}

/** One row of `archive`, its body decoded and, where it is kept as an envelope, taken apart. */
export interface Archived {
  /** The columns as they stand. */
  row: Row
  /** 32 hexadecimal characters. */
  eventId: string | null
  body: Buffer
  /** Null for a store body. */
  headerEventId: string | null
  items: readonly ArchivedItem[]
}

/** Everything that was kept of a project's requests, oldest first. */
export async function archivedOf({ sql }: { sql: Sql }, { id }: { id: string }): Promise<readonly Archived[]> {
  const rows = await sql`
    SELECT *, replace(event_id::text, '-', '') AS event_hex, host(client_ip) AS client
    FROM archive WHERE project_id = ${id} ORDER BY received_at`
  return rows.map((row) => {
    const body = decode(row.body, parseContentEncoding(row.encoding), DECODED_BYTES_MAX)
    const envelope = row.endpoint === 'store' ? null : parseEnvelope(body)
    return {
      row,
      eventId: row.event_hex,
      body,
      headerEventId: envelope?.header.eventId ?? null,
      items: (envelope?.items ?? []).map(({ type, headers, payload }) => ({ type, headers, payload })),
    }
  })
}
