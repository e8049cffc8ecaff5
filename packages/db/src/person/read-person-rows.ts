import type { EventId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { isSessionOf } from './erase-sessions.ts'
import type { Person } from './person.ts'

/** A row as people are shown it, by the names of its columns. */
export type ShownRow = Readonly<Record<string, unknown>>

/** Events of one statement. */
const EVENTS_MAX = 500

/** A person's reports of one day, as `analytics.reports` shows them, in pages by event id. */
export async function* readReportsOf(
  db: Db,
  { projectId }: Person,
  { day, userIds }: { day: Day; userIds: readonly number[] },
): AsyncGenerator<readonly { eventId: EventId; row: ShownRow }[], void> {
  let after: string | null = null
  for (;;) {
    const found: readonly { event_id: string }[] = await db.execute<{ event_id: string }>(sql`
      SELECT event_id FROM report
      WHERE project_id = ${projectId}::bigint AND day = ${day}::date
        AND user_id IN (SELECT json_array_elements_text(${JSON.stringify(userIds)}::json)::bigint)
        ${after === null ? sql`` : sql`AND event_id > ${after}::uuid`}
      ORDER BY event_id
      LIMIT ${EVENTS_MAX}`)
    const last = found.at(-1)
    if (last === undefined) return
    after = last.event_id
    const ids = JSON.stringify(found.map(({ event_id }) => event_id.replaceAll('-', '')))
    const rows = await db.execute<{ event_id: EventId; shown: ShownRow }>(sql`
      SELECT event_id, to_jsonb(shown) AS shown FROM analytics.reports AS shown
      WHERE project_id = ${projectId}::bigint AND event_id IN (SELECT json_array_elements_text(${ids}::json))
      ORDER BY event_id`)
    yield rows.map(({ event_id, shown }) => ({ eventId: event_id, row: shown }))
  }
}

/** The sessions SDKs sent under one of the person's names. */
export async function readSessionsOf(db: Db, person: Person): Promise<readonly ShownRow[]> {
  return await shown(db, sql`SELECT * FROM session WHERE ${isSessionOf(person)} ORDER BY started_at, sid`)
}

/** Tables of small rows that point into archives. */
export type ItemTable = 'feedback' | 'attachment' | 'transaction_event' | 'check_in'

/** Rows about events of theirs, and rows out of archives of theirs. */
export async function readItemsOf(
  db: Db,
  { projectId }: Person,
  { table, eventIds, hashes }: { table: ItemTable; eventIds: readonly EventId[]; hashes: readonly string[] },
): Promise<readonly ShownRow[]> {
  const isOf = sql`archive_hash IN (SELECT decode(json_array_elements_text(${JSON.stringify(hashes)}::json), 'hex'))`
  const isAbout = sql`event_id IN (SELECT json_array_elements_text(${JSON.stringify(eventIds)}::json)::uuid)`
  const isTheirs = table === 'check_in' ? isOf : sql`(${isOf} OR ${isAbout})`
  return await shown(
    db,
    sql`SELECT * FROM ${sql.identifier(table)} WHERE project_id = ${projectId}::bigint AND ${isTheirs}
      ORDER BY received_at, item_index`,
  )
}

async function shown(db: Db, query: ReturnType<typeof sql>): Promise<readonly ShownRow[]> {
  const rows = await db.execute<{ shown: ShownRow }>(sql`SELECT to_jsonb(one) AS shown FROM (${query}) AS one`)
  return rows.map((row) => row.shown)
}
