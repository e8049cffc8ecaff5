import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'
import type { Day } from '../partition/day.ts'
import type { ArchiveAddress } from './archive-row.ts'

/** An archive's place in the order of receipt. */
export interface ArchiveKey extends ArchiveAddress {
  /** With microseconds, as PostgreSQL reads it. */
  receivedAt: string
  /** Of its body. */
  bytes: number
}

/** The archives of one day, and behind which of them to begin; null: with the first. */
export interface KeyQuestion {
  day: Day
  projectIds: readonly ProjectId[]
  after: Pick<ArchiveKey, 'projectId' | 'hash' | 'receivedAt'> | null
}

/** Of one answer of the server's. */
const KEYS_MAX = 1_000

/**
 * The keys of a day's archives in the order they were received, page by page, each with how many there are in all. Erased ones are
 * left out. They are those of one moment; the server keeps them beside (WITH HOLD), so that however long the reader takes, no
 * snapshot stays open, and nothing is sorted twice. Takes a session for itself, so a transaction pooler will not do.
 */
export async function* listArchiveKeys(
  sql: Sql,
  { day, projectIds, after }: KeyQuestion,
): AsyncGenerator<{ keys: readonly ArchiveKey[]; count: number }, void> {
  const session = await sql.reserve()
  try {
    // A day of millions takes its time to sort.
    await session`SET statement_timeout = 0`
    await session`BEGIN`
    await session`
      DECLARE archive_key NO SCROLL CURSOR WITH HOLD FOR
      SELECT project_id::text, encode(hash, 'hex') AS hash, octet_length(body) AS bytes,
        to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS received_at,
        count(*) OVER ()::int AS count
      FROM archive
      WHERE day = ${day}::date AND project_id = ANY (${[...projectIds]}::bigint[]) AND body IS NOT NULL
        AND (
          ${after === null}
          OR (received_at, project_id, hash) > (
            ${after?.receivedAt ?? null}::timestamptz, ${after?.projectId ?? null}::bigint, decode(${after?.hash ?? null}, 'hex')
          )
        )
      ORDER BY archive.received_at, archive.project_id, archive.hash`
    await session`COMMIT`
    for (;;) {
      const rows = await session.unsafe<KeyRecord[]>(`FETCH FORWARD ${KEYS_MAX} FROM archive_key`)
      const [first] = rows
      if (first === undefined) return
      const keys = rows.map(({ project_id, hash, bytes, received_at }) => ({
        ...{ projectId: project_id, day, hash, bytes },
        receivedAt: received_at,
      }))
      yield { keys, count: first.count }
    }
  } finally {
    // A connection that broke is replaced by its pool, and has taken all of it along.
    await session`ROLLBACK`
      .then(() => session`CLOSE ALL`)
      .then(() => session`RESET statement_timeout`)
      .catch(() => undefined)
      .finally(() => session.release())
  }
}

interface KeyRecord {
  project_id: ProjectId
  hash: string
  bytes: number
  received_at: string
  count: number
}
