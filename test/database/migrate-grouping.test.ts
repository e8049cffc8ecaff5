import { readdirSync, readFileSync } from 'node:fs'
import { cloneDatabase, type DatabaseClone } from '@rumen/embedded/clone-database'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

const FOLDER = new URL('../../drizzle/', import.meta.url)

let database: DatabaseClone
let sql: Sql

/** As drizzle runs them, up to the one that counts by grouping, and that one. */
function readMigrations(): { before: string[]; counted: string } {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))
  const textOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8')
  const at = files.indexOf('0006_grouping.sql')
  return { before: files.slice(0, at).map(textOf), counted: textOf('0006_grouping.sql') }
}

async function run(migration: string): Promise<void> {
  for (const statement of migration.split('--> statement-breakpoint')) await sql.unsafe(statement)
}

beforeAll(async () => {
  // Empty, as every server has it.
  database = await cloneDatabase({ adminUrl: inject('adminUrl'), template: 'template0' })
  sql = postgres(database.url, { max: 1, onnotice: () => undefined })
})

afterAll(async () => {
  await sql?.end()
  await database?.drop()
})

test('what was counted by issue is counted by its grouping, whatever numbers they have', async () => {
  const { before, counted } = readMigrations()
  for (const migration of before) await run(migration)
  await sql`
    INSERT INTO project (slug, name, grouping_mechanism, grouping_strategy) VALUES
      ('shop', 'Shop', 'v1', 'stack'), ('till', 'Till', 'v1', 'transaction')`
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, event_count, first_release, first_release_at)
    SELECT 1 + n % 2, n, 'Error', '', 1 + n % 4, now() - interval '1 day', now(), CASE WHEN n = 6 THEN 0 ELSE 10 + n END,
      'shop@' || n, now() - interval '1 day'
    FROM generate_series(1, 6) AS n`
  // Each has the number of another's issue.
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, int8send(id), id, 'v1', number::text, '[]' FROM issue ORDER BY project_id, id DESC`
  await sql`INSERT INTO issue_hour SELECT project_id, id, date_trunc('hour', now()), event_count FROM issue WHERE number < 6`
  await sql`INSERT INTO issue_tag SELECT project_id, id, 'os', 'Linux', event_count FROM issue WHERE number < 6`
  await sql`INSERT INTO issue_user SELECT project_id, id, number, current_date FROM issue WHERE number < 6`

  await run(counted)

  const rows = await sql`
    SELECT key, issue.number::text AS number, grouping.id::int AS id,
      (SELECT event_count::int FROM issue_hour WHERE project_id = issue.project_id AND grouping_id = grouping.id) AS by_hour,
      (SELECT event_count::int FROM issue_tag WHERE project_id = issue.project_id AND grouping_id = grouping.id) AS by_tag,
      (SELECT user_key::text FROM issue_user WHERE project_id = issue.project_id AND grouping_id = grouping.id) AS met,
      grouping.event_count::int AS events, grouping.first_release AS release,
      (grouping.level, grouping.first_seen, grouping.last_seen, grouping.first_release_at)
        IS NOT DISTINCT FROM (issue.level, issue.first_seen, issue.last_seen, issue.first_release_at) AS is_same
    FROM grouping JOIN issue ON issue.project_id = grouping.project_id AND issue.id = issue_id ORDER BY key`
  expect(rows.filter(({ id, key }) => `${id}` === key).length, 'some numbers differ').toBeLessThan(6)
  expect(rows.map(({ id, ...row }) => row)).toEqual([
    ...[1, 2, 3, 4, 5].map((n) => ({
      ...{ key: `${n}`, number: `${n}`, by_hour: 10 + n, by_tag: 10 + n, met: `${n}`, events: 10 + n },
      ...{ release: `shop@${n}`, is_same: true },
    })),
    { key: '6', number: '6', by_hour: null, by_tag: null, met: null, events: 0, release: null, is_same: false },
  ])
  const configs = await sql`
    SELECT slug, version, mechanism, strategy, rules, grouping_version
    FROM project JOIN grouping_config ON project_id = project.id ORDER BY slug`
  expect(configs).toEqual([
    { slug: 'shop', version: 1, mechanism: 'v1', strategy: 'stack', rules: '', grouping_version: 1 },
    { slug: 'till', version: 1, mechanism: 'v1', strategy: 'transaction', rules: '', grouping_version: 1 },
  ])
})
