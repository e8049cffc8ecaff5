import { connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { createProject } from '@rumen/db/project/create-project'
import { countDays } from '@rumen/db/report/count-days'
import type { Sql } from 'postgres'
import { daysBefore } from './ask.ts'
import { countReports } from './count-reports.ts'

interface Event {
  grouping: number
  /** Days before today; received at ten. */
  days: number
  level: number
  platform: string
  release: string
  browser: string | null
  user: string
  plan: string | null
}

const ISSUES = [
  { project: 1, number: 1, title: 'TypeError: cart.items is undefined', culprit: 'checkout' },
  { project: 1, number: 2, title: 'TimeoutError: payment took too long', culprit: 'pay' },
  { project: 1, number: 3, title: 'ReferenceError: coupon is not defined', culprit: 'applyCoupon' },
  { project: 1, number: 4, title: 'Slow query', culprit: 'search' },
  { project: 1, number: 5, title: 'TypeError: items is undefined', culprit: 'checkout' },
  { project: 2, number: 1, title: "KeyError: 'author'", culprit: 'render_post' },
  { project: 3, number: 1, title: 'Canary', culprit: '' },
] as const

/** Grouping n is that of the n-th issue; the fifth was merged into the first. */
const EVENTS: readonly Event[] = [
  event(1, 6, 3, '1.1.0', 'Chrome 120', 'ada', 'pro'),
  event(1, 3, 3, '1.1.0', 'Chrome 120', 'bob', 'free'),
  event(1, 2, 3, '1.1.0', 'Firefox 121', 'ada', 'pro'),
  event(1, 1, 4, '1.2.0', 'Chrome 120', 'cyd', 'free'),
  event(5, 5, 3, '1.1.0', 'Safari 17', 'dan', 'free'),
  event(2, 40, 3, '1.0.0', 'Chrome 119', 'ada', 'pro'),
  event(2, 2, 3, '1.1.0', 'Chrome 120', 'bob', 'free'),
  event(3, 3, 3, '1.1.0', 'Firefox 121', 'cyd', 'free'),
  event(3, 3, 3, '1.1.0', 'Firefox 121', 'cyd', 'free'),
  event(4, 2, 2, '1.1.0', 'Chrome 120', 'ada', 'pro'),
  event(4, 1, 2, '1.2.0', 'Chrome 120', 'bob', 'free'),
  { ...event(6, 5, 3, '2.0', null, 'eve', null), platform: 'python' },
  { ...event(6, 1, 3, '2.1', null, 'eve', null), platform: 'python' },
  event(7, 1, 3, '0.1.0', null, 'canary', null),
]

function event(
  ...[grouping, days, level, release, browser, user, plan]: [
    number,
    number,
    number,
    string,
    string | null,
    string,
    string | null,
  ]
): Event {
  return { grouping, days, level, release, browser, user, plan, platform: 'javascript' }
}

/**
 * A shop, a blog and Rumen's own project, small enough to know every answer by heart. `today`: the UTC day it is written for.
 * Gives the numbers of the projects, in that order: the database must be new.
 */
export async function seedShop(url: string, today: string): Promise<void> {
  const { sql, db, close } = connect(url, { poolSize: 1, name: 'seed' })
  try {
    for (const name of ['Shop', 'Blog', 'Rumen']) await createProject(db, { name })
    await sql`UPDATE project SET is_hidden = true WHERE slug = 'rumen'`
    for (let days = 0; days <= 41; days++) await createDay(sql, daysBefore(today, days))
    await seedIssues(sql, today)
    await seedEvents(sql, today)
    await countReports(sql)
    await countDays(db)
    await seedActivity(sql, today)
    await seedSessions(sql, today)
    await seedItems(sql, today)
    await seedLedger(sql, today)
  } finally {
    await close()
  }
}

async function seedIssues(sql: Sql, today: string): Promise<void> {
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, type, level, first_seen, last_seen)
    SELECT project, number, title, culprit, split_part(title, ':', 1), 3, ${today}::date, ${today}::date
    FROM jsonb_to_recordset(${JSON.stringify(ISSUES)}::text::jsonb) AS r(project bigint, number bigint, title text, culprit text)`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, int8send(id), id, 'v1', 'key ' || id, '[]' FROM issue ORDER BY id`
  await sql`UPDATE issue SET merged_into = 1 WHERE id = 5`
  await sql`UPDATE grouping SET issue_id = 1 WHERE id = 5`
}

async function seedEvents(sql: Sql, today: string): Promise<void> {
  await sql`
    CREATE TABLE told AS
    SELECT r.*, grouping.project_id, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid AS event_id,
      ${today}::date - days AS day, (${today}::date - days + time '10:00') AT TIME ZONE 'UTC' AS at
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(EVENTS)}::text::jsonb) AS (
      "grouping" bigint, days int, level smallint, platform text, release text, browser text, "user" text, plan text
    )) WITH ORDINALITY AS r("grouping", days, level, platform, release, browser, "user", plan, n)
    JOIN grouping ON grouping.id = r."grouping"`
  await sql`INSERT INTO dim_platform (key, value) SELECT DISTINCT md5(platform)::uuid, platform FROM told`
  await sql`
    INSERT INTO dim_browser (key, name, version)
    SELECT DISTINCT md5(browser)::uuid, split_part(browser, ' ', 1), split_part(browser, ' ', 2) FROM told WHERE browser IS NOT NULL`
  await sql`
    INSERT INTO dim_release (project_id, key, value, last_day)
    SELECT project_id, md5(release)::uuid, release, max(day) FROM told GROUP BY project_id, release`
  await sql`
    INSERT INTO dim_user (project_id, key, identifier, user_id, email)
    SELECT DISTINCT project_id, md5("user")::uuid, "user", "user", "user" || '@example.com' FROM told`
  await sql`
    INSERT INTO tag (project_id, key, tag_key, tag_value)
    SELECT DISTINCT project_id, md5(plan)::uuid, 'plan', plan FROM told WHERE plan IS NOT NULL`
  await sql`
    INSERT INTO report (
      project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level, handled,
      platform_id, browser_id, release_id, user_id, tag_ids)
    SELECT told.project_id, told.event_id, told.day, sha256(uuid_send(told.event_id)), 0, told."grouping", told.at, told.at, told.level, false,
      dim_platform.id, dim_browser.id, dim_release.id, dim_user.id, array_remove(ARRAY[tag.id], NULL)
    FROM told
    JOIN dim_platform ON dim_platform.value = told.platform
    LEFT JOIN dim_browser ON dim_browser.key = md5(told.browser)::uuid
    JOIN dim_release ON dim_release.project_id = told.project_id AND dim_release.value = told.release
    JOIN dim_user ON dim_user.project_id = told.project_id AND dim_user.identifier = told."user"
    LEFT JOIN tag ON tag.project_id = told.project_id AND tag.tag_value = told.plan`
  await sql`
    INSERT INTO archive (project_id, day, hash, event_id, received_at, endpoint, encoding, client_ip, user_agent, wire_bytes, body)
    SELECT project_id, day, archive_hash, event_id, received_at, 'envelope', 'gzip', '203.0.113.9', 'Mozilla/5.0', 5000,
      CASE WHEN level < 4 THEN decode(repeat('ab', 1200), 'hex') END
    FROM report`
  await sql`UPDATE archive SET erased_at = received_at WHERE body IS NULL`
  await sql`DROP TABLE told`
}

async function seedActivity(sql: Sql, today: string): Promise<void> {
  await sql`
    INSERT INTO activity (project_id, issue_id, kind, at, data)
    SELECT 1, issue_id, kind, (${today}::date - days + time '12:00') AT TIME ZONE 'UTC', data::jsonb
    FROM (VALUES
      (2, 'resolved', 38, '{"in_release": null}'),
      (2, 'regressed', 2, '{"release": "1.1.0", "resolved_in_release": null}'),
      (3, 'resolved', 1, '{"in_release": "1.2.0"}'),
      (5, 'merged', 4, '{"into": 1, "groupings": [5]}'),
      (1, 'merged', 4, '{"from": 5}')
    ) AS _(issue_id, kind, days, data)`
  await sql`
    UPDATE issue SET status = 'resolved', resolved_at = activity.at, resolved_in_release = '1.2.0'
    FROM activity WHERE issue.id = 3 AND activity.issue_id = 3`
}

async function seedSessions(sql: Sql, today: string): Promise<void> {
  await sql`
    INSERT INTO session_hour (project_id, hour, release_id, environment_id, sessions, errored, unhandled, abnormal, crashed)
    SELECT 1, (${today}::date - days + time '10:00') AT TIME ZONE 'UTC', dim_release.id, 0, sessions, errored, 0, 0, crashed
    FROM (VALUES ('1.0.0', 40, 50, 5, 5), ('1.1.0', 3, 120, 6, 3), ('1.1.0', 2, 80, 4, 1), ('1.2.0', 1, 100, 3, 1))
      AS r(release, days, sessions, errored, crashed)
    JOIN dim_release ON dim_release.project_id = 1 AND dim_release.value = r.release`
  await sql`
    INSERT INTO session_user_hour (project_id, hour, release_id, environment_id, did, sessions, errored, unhandled, abnormal, crashed)
    SELECT project_id, hour, release_id, environment_id, md5(n::text)::uuid, 1, 0, 0, 0, (n = 1)::int
    FROM session_hour, generate_series(1, 4) AS n`
  await sql`
    INSERT INTO session (project_id, sid, day, started_at, status, status_seq, errors, release_id, release_seq, environment_id)
    SELECT 1, gen_random_uuid(), day, received_at, 'crashed', 1, 1, release_id, 1, 0 FROM report WHERE project_id = 1 AND level = 4`
}

async function seedItems(sql: Sql, today: string): Promise<void> {
  await sql`INSERT INTO dim_transaction (project_id, key, value) VALUES (1, md5('a')::uuid, 'GET /'), (1, md5('b')::uuid, 'POST /checkout')`
  const place = sql`1, ${today}::date - days, int8send(row_number() OVER ()), 1, (${today}::date - days + time '10:05') AT TIME ZONE 'UTC'`
  await sql`
    INSERT INTO transaction_event (project_id, day, archive_hash, item_index, received_at, event_id, transaction_id, op, status, started_at, duration_ms)
    SELECT ${place}, gen_random_uuid(), dim_transaction.id, 'http.server', 'ok', now(), ms
    FROM (VALUES ('POST /checkout', 1, 100), ('POST /checkout', 2, 200), ('POST /checkout', 2, 900), ('GET /', 1, 50), ('GET /', 3, 60))
      AS r(transaction, days, ms)
    JOIN dim_transaction ON dim_transaction.value = r.transaction`
  await sql`
    INSERT INTO feedback (project_id, day, archive_hash, item_index, received_at, event_id, name, email, message)
    SELECT ${place}, event_id::uuid, name, lower(name) || '@example.com', message
    FROM (VALUES
      (3, '00000000-0000-4000-8000-000000000002', 'Bob', 'I wanted to buy shoes.'),
      (1, NULL, 'Cyd', 'Nice colours.')
    ) AS _(days, event_id, name, message)`
  await sql`
    INSERT INTO check_in (project_id, day, archive_hash, item_index, received_at, check_in_id, monitor_slug, status, duration)
    SELECT ${place}, gen_random_uuid(), monitor, status, 12
    FROM (VALUES (3, 'backup', 'ok'), (1, 'backup', 'ok'), (0, 'backup', 'error'), (9, 'newsletter', 'ok')) AS _(days, monitor, status)`
  await sql`
    INSERT INTO attachment (project_id, day, archive_hash, item_index, received_at, event_id, name, attachment_type, content_type, size, byte_offset)
    SELECT project_id, day, archive_hash, 2, received_at, event_id, 'log.txt', 'event.attachment', 'text/plain', 321, 900
    FROM report WHERE project_id = 1 AND level = 4`
}

async function seedLedger(sql: Sql, today: string): Promise<void> {
  await sql`
    INSERT INTO outcome_hour (project_id, hour, item_type, outcome, reason, quantity)
    SELECT project_id, (${today}::date - 1 + time '10:00') AT TIME ZONE 'UTC', item_type, outcome, reason, quantity
    FROM (VALUES
      (0, 'request', 'unauthorized', 'unknown_key', 7),
      (1, 'request', 'archived', '', 500), (1, 'request', 'rate_limited', 'quota', 20),
      (1, 'event', 'stored', '', 480), (1, 'event', 'duplicate', '', 12), (1, 'event', 'rejected', 'invalid_json', 2),
      (3, 'event', 'stored', '', 1440)
    ) AS _(project_id, item_type, outcome, reason, quantity)`
  await sql`
    INSERT INTO outcome (project_id, day, recorded_at, item_type, outcome, quantity)
    VALUES (1, ${today}::date - 1, (${today}::date - 1 + time '10:30') AT TIME ZONE 'UTC', 'event', 'stored', 6)`
  await sql`
    INSERT INTO digest_error (project_id, day, archive_hash, item_index, item_type, code, message, failed_at)
    SELECT project_id, ${today}::date - 1, int8send(n), 0, 'event', 'invalid_json', 'the payload is no JSON',
      (${today}::date - 1 + time '10:00') AT TIME ZONE 'UTC' + make_interval(mins => n::int)
    FROM (VALUES (1, 1), (1, 2), (3, 3)) AS _(project_id, n)`
  await sql`
    INSERT INTO client_discard_hour (project_id, hour, category, reason, quantity)
    VALUES (1, (${today}::date - 1 + time '10:00') AT TIME ZONE 'UTC', 'transaction', 'sample_rate', 40)`
}
