import { migrate } from '@rumen/db/migrate'
import { createDatabase } from '@rumen/embedded/create-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { daysBefore } from './ask.ts'
import { type Shop, startShop } from './start-shop.ts'

let shop: Shop
let sql: Sql
let views: string[]

beforeAll(async () => {
  shop = await startShop()
  sql = shop.sql
  const rows = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'analytics'::regnamespace ORDER BY 1`
  views = rows.map(({ name }) => name)
}, 120_000)

afterAll(() => shop.stop())

/** Rows of each view that are this project's. */
async function rowsOf(projectId: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const view of views) {
    const [row] =
      await sql`SELECT count(*)::int AS rows FROM ${sql(`analytics.${view}`)} WHERE project_id = ${projectId}`
    counts[view] = row?.rows ?? 0
  }
  return counts
}

/** Does something and takes it back, whatever is asked in between. */
async function during<Result>(change: string, back: string, look: () => Promise<Result>): Promise<Result> {
  await sql.unsafe(change)
  return await look().finally(() => sql.unsafe(back))
}

const NONE = () => Object.fromEntries(views.map((view) => [view, 0]))

describe('hidden in every view:', () => {
  test('Rumen’s own project', async () => {
    expect(await rowsOf(3)).toEqual(NONE())
    const shown = await during(
      'UPDATE project SET is_hidden = false WHERE id = 3',
      'UPDATE project SET is_hidden = true WHERE id = 3',
      () => rowsOf(3),
    )
    expect(shown).toMatchObject({ reports: 1, issues: 1, archives: 1, outcomes: 1, digest_errors: 1, projects: 1 })
  })

  test('a project that is being deleted', async () => {
    for (const [view, rows] of Object.entries(await rowsOf(1))) expect(rows, view).toBeGreaterThan(0)
    const shown = await during(
      "UPDATE project SET status = 'deleting', deleting_since = now() WHERE id = 1",
      "UPDATE project SET status = 'active', deleting_since = NULL WHERE id = 1",
      () => rowsOf(1),
    )
    expect(shown).toEqual(NONE())
  })

  test('an issue that is being deleted, with what was merged into it', async () => {
    const look = async () => ({
      reports: await sql`SELECT FROM analytics.reports WHERE issue = 'shop-1' OR issue IS NULL`,
      issues: await sql`SELECT FROM analytics.issues WHERE issue IN ('shop-1', 'shop-5')`,
      hours: await sql`SELECT FROM analytics.issue_hours WHERE issue = 'shop-1' OR issue IS NULL`,
      tags: await sql`SELECT FROM analytics.issue_tags WHERE issue = 'shop-1' OR issue IS NULL`,
      activity: await sql`SELECT FROM analytics.activity WHERE issue IN ('shop-1', 'shop-5')`,
      feedback: await sql`SELECT FROM analytics.feedback WHERE issue = 'shop-1' OR title LIKE '%cart%'`,
    })
    const lengths = async () =>
      Object.fromEntries(Object.entries(await look()).map(([name, rows]) => [name, rows.length]))
    expect(await lengths()).toEqual({ reports: 5, issues: 1, hours: 5, tags: 3, activity: 2, feedback: 1 })
    const shown = await during(
      "UPDATE issue SET status = 'deleting' WHERE id IN (1, 5)",
      "UPDATE issue SET status = 'unresolved' WHERE id IN (1, 5)",
      lengths,
    )
    expect(shown).toEqual({ reports: 0, issues: 0, hours: 0, tags: 0, activity: 0, feedback: 0 })
  })

  test('an issue without an event', async () => {
    await sql`
      INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen) VALUES (1, 99, 'Unborn', '', 3, now(), now())`
    expect(await sql`SELECT FROM analytics.issues WHERE issue = 'shop-99'`).toHaveLength(0)
  })
})

test('what is older than the project keeps is hidden from the day on, and counts stay', async () => {
  const before = await rowsOf(1)
  const firstDays = async () => {
    const days: Record<string, string> = {}
    for (const view of [
      'reports',
      'sessions',
      'archives',
      'transactions',
      'feedback',
      'check_ins',
      'attachments',
      'digest_errors',
    ]) {
      const [row] = await sql`SELECT min(day)::text AS day FROM ${sql(`analytics.${view}`)} WHERE project_id = 1`
      days[view] = row?.day
    }
    return days
  }
  const yesterday = daysBefore(shop.today, 1)
  // Two days are kept: today and yesterday.
  const { days, after } = await during(
    'UPDATE project SET retention_days = 2 WHERE id = 1',
    'UPDATE project SET retention_days = NULL WHERE id = 1',
    async () => ({ days: await firstDays(), after: await rowsOf(1) }),
  )
  expect(days).toEqual({
    reports: yesterday,
    sessions: yesterday,
    archives: yesterday,
    transactions: yesterday,
    feedback: yesterday,
    check_ins: yesterday,
    attachments: yesterday,
    digest_errors: yesterday,
  })
  const counted = [
    'issues',
    'issue_hours',
    'issue_tags',
    'activity',
    'release_health',
    'outcomes',
    'client_discards',
    'projects',
  ]
  for (const view of counted) expect(after[view], view).toBe(before[view])
  // Of another project nothing changed.
  expect((await firstDays()).reports).toBe(daysBefore(shop.today, 40))
  // A release nobody who is kept names goes as well.
  expect([before.releases, after.releases]).toEqual([3, 1])
})

test('feedback about an event that is hidden names no issue', async () => {
  const [row] = await during(
    'UPDATE project SET retention_days = 4 WHERE id = 1; UPDATE report SET day = day - 3 WHERE grouping_id = 1 AND day = current_date - 3',
    'UPDATE report SET day = day + 3 WHERE grouping_id = 1 AND day = current_date - 6 AND received_at > current_date - 4; UPDATE project SET retention_days = NULL WHERE id = 1',
    () => sql`SELECT event_id, issue, issue_id, title FROM analytics.feedback WHERE name = 'Bob'`,
  )
  expect(row).toEqual({ event_id: '00000000000040008000000000000002', issue: null, issue_id: null, title: null })
})

test('a merged issue is counted where it went, and keeps its own timeline', async () => {
  expect(
    await sql`SELECT issue, events::int, merged_issues FROM analytics.issues WHERE issue IN ('shop-1', 'shop-5')`,
  ).toEqual([{ issue: 'shop-1', events: 5, merged_issues: 'shop-5' }])
  expect(
    await sql`SELECT issue, kind, other_issue FROM analytics.activity WHERE kind = 'merged' ORDER BY issue`,
  ).toEqual([
    { issue: 'shop-1', kind: 'merged', other_issue: 'shop-5' },
    { issue: 'shop-5', kind: 'merged', other_issue: 'shop-1' },
  ])
  expect(await sql`SELECT DISTINCT issue FROM analytics.reports WHERE user_identifier = 'dan'`).toEqual([
    { issue: 'shop-1' },
  ])
})

test('users of a release are counted in its hours', async () => {
  expect(
    await sql`
      SELECT sessions::int, users::int, crashed_users::int, crash_free_users, crash_free_sessions FROM analytics.release_health
      WHERE release = '1.2.0'`,
  ).toEqual([{ sessions: 100, users: 4, crashed_users: 1, crash_free_users: 0.75, crash_free_sessions: 0.99 }])
})

test('what was erased shows that and no bytes; nobody’s address is shown', async () => {
  expect(
    await sql`SELECT stored_bytes, wire_bytes, erased_at IS NOT NULL AS is_erased FROM analytics.archives WHERE erased_at IS NOT NULL`,
  ).toEqual([{ stored_bytes: 0, wire_bytes: 5000, is_erased: true }])
  const columns = await sql`
    SELECT attname AS name FROM pg_attribute WHERE attrelid = 'analytics.archives'::regclass AND attname IN ('body', 'client_ip', 'user_agent')`
  expect(columns).toHaveLength(0)
})

test('columns no query names cost nothing: their tables are not read', async () => {
  const read = async (question: string) => {
    const [row] = await sql.unsafe(`EXPLAIN (FORMAT JSON) ${question}`)
    const names = JSON.stringify(row).matchAll(/"Relation Name":"(\w+)"/g)
    return new Set(Array.from(names, ([, name = '']) => name.replace(/_\d{8}$/, '')))
  }
  // Issues and groupings for those that are being deleted.
  expect([...(await read('SELECT count(*) FROM analytics.reports'))].toSorted()).toEqual([
    'grouping',
    'issue',
    'project',
    'report',
  ])
  expect([...(await read('SELECT sum(sessions) FROM analytics.release_health'))].toSorted()).toEqual([
    'project',
    'session_hour',
  ])
  expect([...(await read('SELECT user_email FROM analytics.reports'))]).toContain('dim_user')
})

test('a login that owns nothing but its database makes the views, too', async () => {
  await sql.unsafe(`CREATE ROLE modest LOGIN PASSWORD 'secret'`)
  await createDatabase(shop.url, 'modest')
  await sql.unsafe('ALTER DATABASE modest OWNER TO modest')
  const url = new URL(shop.url)
  Object.assign(url, { username: 'modest', password: 'secret', pathname: '/modest' })
  const warnings: string[] = []
  await migrate(url.href, (warning) => warnings.push(warning))
  // The role is there, and of another's making: its time-outs and its defaults are not this login's to set.
  expect(warnings.map((warning) => /ALTER ROLE .*/.exec(warning)?.[0].split(' = ')[0])).toEqual([
    'ALTER ROLE metabase_readonly SET statement_timeout',
    'ALTER ROLE metabase_readonly SET default_transaction_read_only',
  ])
})
