import { isIP } from 'node:net'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { DIMENSIONS, OTHER } from '../dimension/dimensions.ts'
import { transact } from '../transact.ts'
import { type Erasure, noteErased } from './begin-erasure.ts'
import { isNamed } from './find-person.ts'
import { namesOf, type Person, WAYS } from './person.ts'

/** What stands in the place of a name. */
const ERASED = '[erased]'
/** A shorter name, `42` or `ada`, stands in texts that have nothing to do with the person. */
const TELLING_CHARS_MIN = 8

/**
 * Takes the person's names out of texts that stay, because others' reports or counts lead to them: values of dimensions and
 * tags, titles of issues, keys of groupings. In texts names are found as whole words, and only those that tell somebody apart;
 * a tag that is nothing but a name goes also for a short one, unless reports of others have it.
 */
export async function eraseTexts(db: Db, erasure: Erasure): Promise<void> {
  const { person } = erasure
  const pattern = patternOf(person)
  await eraseTags(db, erasure, pattern)
  if (pattern === null) return
  for (const [name, { table, columns, perProject }] of DIMENSIONS) {
    if (!perProject || name === 'user' || name === 'tag') continue
    await replaceIn(db, erasure, { table: sql`${table}`, columns, pattern, also: sql`, key = gen_random_uuid()` })
  }
  const columns = ['title', 'culprit', 'type', 'value', 'first_release', 'last_release']
  await replaceIn(db, erasure, { table: sql`issue`, columns, pattern, also: sql`` })
  const releases = ['key', 'first_release', 'last_release']
  const parts = sql`, parts = regexp_replace(parts::text, ${pattern}, ${ERASED}, 'g')::jsonb`
  await replaceIn(db, erasure, { table: sql`grouping`, columns: releases, pattern, also: parts })
}

/** Null: no name of theirs is long enough to be looked for in texts. */
function patternOf(person: Person): string | null {
  const telling = namesOf(person).filter((name) => {
    return name.includes('@') || isIP(name) !== 0 || name.length >= TELLING_CHARS_MIN
  })
  if (telling.length === 0) return null
  const words = telling.map((name) => name.replaceAll(/[^\p{L}\p{N}]/gu, (sign) => `\\${sign}`))
  return `(?<![[:alnum:]])(${words.join('|')})(?![[:alnum:]])`
}

/** Rows are locked in the order everybody locks issues in. */
async function replaceIn(
  db: Db,
  erasure: Erasure,
  { table, columns, pattern, also }: { table: SQL; columns: readonly string[]; pattern: string; also: SQL },
): Promise<void> {
  const set = columns.map((column) => {
    const name = sql.identifier(column)
    return sql`${name} = regexp_replace(${name}, ${pattern}, ${ERASED}, 'g')`
  })
  const found = columns.map((column) => sql`${sql.identifier(column)} ~ ${pattern}`)
  await transact(db, async (tx) => {
    const { count } = await tx.execute(sql`
      UPDATE ${table} SET ${sql.join(set, sql`, `)} ${also}
      WHERE project_id = ${erasure.person.projectId}::bigint AND id IN (
        SELECT id FROM (
          SELECT id FROM ${table}
          WHERE project_id = ${erasure.person.projectId}::bigint AND (${sql.join(found, sql` OR `)})
          ORDER BY id
          FOR UPDATE
        ) AS held
      )`)
    await noteErased(tx, erasure, { text: count })
  })
}

/** Tags of reports, and the counts of issues by tag. */
async function eraseTags(db: Db, erasure: Erasure, pattern: string | null): Promise<void> {
  const { person } = erasure
  const projectId = sql`${person.projectId}::bigint`
  const names = JSON.stringify(namesOf(person))
  const asUser = JSON.stringify(WAYS.flatMap((way) => person.names[way].map((name) => `${way}:${name}`)))
  const isIn = (texts: string) => sql`IN (SELECT json_array_elements_text(${texts}::json))`
  const telling = pattern === null ? sql`false` : sql`tag_value ~ ${pattern}`
  const scrubbed =
    pattern === null
      ? sql`${ERASED}`
      : sql`CASE WHEN tag_value ${isIn(names)} OR tag_value ${isIn(asUser)}
    THEN ${ERASED} ELSE regexp_replace(tag_value, ${pattern}, ${ERASED}, 'g') END`
  await transact(db, async (tx) => {
    const { count } = await tx.execute(sql`
      UPDATE tag SET tag_value = ${scrubbed}, key = gen_random_uuid()
      WHERE project_id = ${projectId} AND tag_value <> ${OTHER} AND (
        ${telling} OR (tag_key = 'user' AND tag_value ${isIn(asUser)})
        OR (tag_value ${isIn(names)} AND NOT EXISTS (
          SELECT FROM report WHERE report.project_id = ${projectId} AND report.tag_ids @> ARRAY[tag.id]
        ))
      )`)
    await noteErased(tx, erasure, { tag: count })
  })
  // One by one: a worker that counts for an issue has all of its rows, in an order of its own.
  const counted = await db.execute<{ grouping_id: string; tag_key: string; tag_value: string; scrubbed: string }>(sql`
    SELECT grouping_id, tag_key, tag_value, ${scrubbed} AS scrubbed FROM issue_tag
    WHERE project_id = ${projectId} AND ${telling}`)
  for (const one of counted) {
    await db.execute(sql`
      WITH gone AS (
        DELETE FROM issue_tag
        WHERE project_id = ${projectId} AND grouping_id = ${one.grouping_id}::bigint AND tag_key = ${one.tag_key}
          AND tag_value = ${one.tag_value}
        RETURNING *
      )
      INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
      SELECT project_id, grouping_id, tag_key, ${one.scrubbed}, event_count FROM gone
      ON CONFLICT (project_id, grouping_id, tag_key, tag_value)
      DO UPDATE SET event_count = issue_tag.event_count + excluded.event_count`)
  }
}

/**
 * The last step: the rows that named the person, without their names. They stay until they expire, for a worker may have
 * written a report with one of them in the last moment. Rows made since stay as they are where a later event has one.
 */
export async function eraseUsers(db: Db, erasure: Erasure): Promise<void> {
  const { person, userIds } = erasure
  await transact(db, async (tx) => {
    const { count } = await tx.execute(sql`
      UPDATE dim_user AS u
      SET key = gen_random_uuid(), identifier = ${ERASED}, user_id = NULL, email = NULL, username = NULL, ip = NULL
      WHERE ${isNamed(person)} AND (
        u.id IN (SELECT json_array_elements_text(${JSON.stringify(userIds)}::json)::bigint)
        OR NOT EXISTS (SELECT FROM report WHERE report.project_id = u.project_id AND report.user_id = u.id)
      )`)
    await noteErased(tx, erasure, { user: count })
  })
}

/** Writes the receipt's last line; gives all of it. */
export async function finishErasure(db: Db, { person, id }: Erasure): Promise<void> {
  await db.execute(sql`
    UPDATE erasure SET finished_at = now() WHERE project_id = ${person.projectId} AND id = ${id}`)
}
