import type { Connection } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { countDays } from '@rumen/db/report/count-days'
import type { Sql } from 'postgres'
import { countReports, countSessions } from '../../analytics/count-reports.ts'

/** How much there is to ask about. */
export interface Amount {
  reports: number
  issues: number
  /** Of it, evenly, up to today. */
  days: number
  projects: number
}

/** Distinct values of what events carry; the first ones are met most often. */
const RELEASES = 40
const USERS = 60_000
const TRANSACTIONS = 300
const URLS = 5_000
const MESSAGES = 20_000

/**
 * Writes reports and what is counted of them, as a digest would have left them: of several projects, the first of which is there,
 * with a few issues that have most of the events, tags, users, sessions, transactions, archives and the ledger. In bulk, by
 * the server, always the same but for the days.
 */
export async function fillReports(
  { db, sql }: Pick<Connection, 'db' | 'sql'>,
  amount: Amount,
  now: Date,
): Promise<void> {
  const today = dayOf(now)
  const days = Array.from({ length: amount.days }, (_, at) => addDays(today, at + 1 - amount.days))
  for (const day of days) await createDay(sql, day)
  const fill = await sql.reserve()
  try {
    // A random number is the same in each run, so the plans are; bulk needs no time-out and no durability.
    await fill`SELECT setseed(0.5), set_config('statement_timeout', '0', false), set_config('synchronous_commit', 'off', false)`
    await fillProjects(fill, amount)
    await fillDimensions(fill)
    await fillIssues(fill, amount)
    for (const day of days) await fillDay(fill, day, amount)
    await countReports(fill)
    await countDays(db)
    await countSessions(fill)
  } finally {
    fill.release()
  }
  await sql`VACUUM (ANALYZE)`
}

async function fillProjects(sql: Sql, { projects }: Amount): Promise<void> {
  await sql`UPDATE project SET slug = 'shop', name = 'Shop'`
  await sql`
    WITH made AS (
      INSERT INTO project (slug, name) SELECT 'shop-' || n, 'Shop ' || n FROM generate_series(2, ${projects}::int) AS n RETURNING id
    ), counted AS (
      INSERT INTO project_counter (project_id) SELECT id FROM made
    )
    INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM made`
}

/** Values by name: shared vocabulary, and what each project has of its own. */
async function fillDimensions(sql: Sql): Promise<void> {
  for (const [table, count] of [
    ['dim_platform', 12],
    ['dim_locale', 40],
    ['dim_timezone', 60],
    ['dim_device_model', 400],
    ['dim_device_arch', 4],
    ['dim_exception_mechanism', 10],
  ] as const) {
    await sql`
      INSERT INTO ${sql(table)} (key, value)
      SELECT md5(value)::uuid, value FROM (SELECT ${table} || ' ' || n AS value FROM generate_series(1, ${count}::int) AS n) AS _`
  }
  for (const [table, count] of [
    ['dim_sdk', 60],
    ['dim_os', 80],
    ['dim_runtime', 50],
    ['dim_browser', 120],
  ] as const) {
    await sql`
      INSERT INTO ${sql(table)} (key, name, version)
      SELECT md5(n::text)::uuid, ${table} || ' ' || n % 8, n::text FROM generate_series(1, ${count}::int) AS n`
  }
  for (const [table, count] of [
    ['dim_environment', 4],
    ['dim_release', RELEASES],
    ['dim_server_name', 200],
    ['dim_transaction', TRANSACTIONS],
    ['dim_logger', 20],
    ['dim_exception_type', 300],
    ['dim_exception_message', MESSAGES],
    ['dim_url', URLS],
    ['dim_http_method', 5],
  ] as const) {
    await sql`
      INSERT INTO ${sql(table)} (project_id, key, value)
      SELECT project.id, md5(n::text)::uuid, ${table} || '@1.' || n FROM project, generate_series(1, ${count}::int) AS n
      ORDER BY n, project.id`
  }
  await sql`
    INSERT INTO dim_user (project_id, key, identifier, user_id, email)
    SELECT project.id, md5(n::text)::uuid, n::text, n::text, n || '@example.com'
    FROM project, generate_series(1, ${USERS}::int) AS n ORDER BY n, project.id`
  await sql`
    INSERT INTO tag (project_id, key, tag_key, tag_value)
    SELECT project.id, md5(n::text)::uuid, CASE n % 10 WHEN 0 THEN 'plan' ELSE 'tag-' || n % 10 END, 'value ' || n FROM project, generate_series(1, 500) AS n
    ORDER BY n, project.id`
}

async function fillIssues(sql: Sql, { issues, projects, days }: Amount): Promise<void> {
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, type, level, status, first_seen, last_seen)
    SELECT n % ${projects}::int + 1, (n + ${projects}::int - 1) / ${projects}::int, 'TypeError: failure ' || n, 'module.function' || n % 400, 'TypeError', 3,
      CASE WHEN n % 5 = 0 THEN 'resolved' ELSE 'unresolved' END,
      now() - random() * make_interval(days => ${days}::int), now()
    FROM generate_series(1, ${issues}::int) AS n`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, int8send(id), id, 'v1', 'key ' || id, '[]' FROM issue ORDER BY id`
  await sql`
    INSERT INTO activity (project_id, issue_id, kind, at, data)
    SELECT project_id, id, 'resolved', first_seen + random() * interval '3 days', '{}' FROM issue WHERE status = 'resolved'`
  await sql`
    INSERT INTO activity (project_id, issue_id, kind, at, data)
    SELECT project_id, issue_id, 'regressed', at + interval '1 day', '{"release": "dim_release@1.1"}' FROM activity WHERE issue_id % 3 = 0`
}

/** Of a value of a dimension: the low numbers come often, the high ones hardly ever. */
const often = (count: number, power: number) => `1 + floor(${count} * power(random(), ${power}))::int`

async function fillDay(sql: Sql, day: Day, { reports, issues, projects, days }: Amount): Promise<void> {
  const count = Math.floor(reports / days)
  // A project's own values were numbered in turn with the other projects': its n-th is the (n - 1) × projects + id-th of all.
  const own = (n: string) => `(${n} - 1) * ${projects} + p.id`
  await sql.unsafe(`
    INSERT INTO report (
      project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level, handled,
      platform_id, sdk_id, os_id, runtime_id, browser_id, device_model_id, device_arch_id, locale_id, timezone_id,
      exception_mechanism_id, environment_id, release_id, server_name_id, transaction_id, logger_id, user_id,
      exception_type_id, exception_message_id, url_id, http_method_id, tag_ids)
    SELECT g.project_id, e.event_id, '${day}', sha256(uuid_send(e.event_id)), 1, g.id, e.at, e.at, ${often(5, 0.5)} - 1, random() > 0.2,
      ${often(12, 3)}, ${often(60, 3)}, ${often(80, 2)}, ${often(50, 2)}, ${often(120, 2)}, ${often(400, 3)}, ${often(4, 2)},
      ${often(40, 2)}, ${often(60, 2)}, ${often(10, 2)},
      ${own(often(4, 3))}, ${own(often(RELEASES, 2))}, ${own(often(200, 1))}, ${own(often(TRANSACTIONS, 2))},
      ${own(often(20, 2))}, ${own(often(USERS, 1.5))}, ${own(often(300, 2))}, ${own(often(MESSAGES, 2))},
      ${own(often(URLS, 2))}, ${own(often(5, 3))},
      ARRAY[${own(often(500, 3))}, ${own(often(500, 2))}, ${own(often(500, 1))}]
    FROM (
      SELECT gen_random_uuid() AS event_id, '${day}'::date::timestamp AT TIME ZONE 'UTC' + random() * interval '86399 s' AS at,
        least(${issues}, ${often(issues, 3)}) AS grouping_id
      FROM generate_series(1, ${count})
    ) AS e
    JOIN grouping AS g ON g.id = e.grouping_id
    JOIN project AS p ON p.id = g.project_id
    ORDER BY e.at`)
  // Bodies are short: no view reads one, and their length stands beside them.
  await sql.unsafe(`
    INSERT INTO archive (project_id, day, hash, event_id, received_at, endpoint, content_type, encoding, user_agent, sentry_client, wire_bytes, body)
    SELECT project_id, day, archive_hash, event_id, received_at, 'envelope', 'application/x-sentry-envelope', 'gzip',
      'sentry.javascript.node/10.0', 'sentry.javascript.node/10.0', 4500, archive_hash
    FROM report WHERE day = '${day}' ORDER BY received_at`)
  await sql.unsafe(`
    INSERT INTO session (project_id, sid, day, started_at, status, status_seq, duration, errors, release_id, release_seq, environment_id, did)
    SELECT p.id, gen_random_uuid(), '${day}', s.at, (ARRAY['exited', 'exited', 'exited', 'errored', 'crashed'])[${often(5, 3)}], 1,
      random() * 600, 0, ${own(often(RELEASES, 2))}, 1, ${own(often(4, 3))}, md5(floor(random() * ${USERS})::text)::uuid
    FROM (
      SELECT '${day}'::date::timestamp AT TIME ZONE 'UTC' + random() * interval '86399 s' AS at, 1 + floor(random() * ${projects})::int AS id
      FROM generate_series(1, ${count} / 2)
    ) AS s
    JOIN project AS p ON p.id = s.id`)
  await sql.unsafe(`
    INSERT INTO transaction_event (
      project_id, day, archive_hash, item_index, received_at, event_id, transaction_id, release_id, environment_id, op, status, started_at, duration_ms)
    SELECT p.id, '${day}', '\\x00', 1, t.at, gen_random_uuid(), ${own(often(TRANSACTIONS, 2))}, ${own(often(RELEASES, 2))}, ${own(often(4, 3))},
      'http.server', 'ok', t.at, 1000 * power(random(), 4)
    FROM (
      SELECT '${day}'::date::timestamp AT TIME ZONE 'UTC' + random() * interval '86399 s' AS at, 1 + floor(random() * ${projects})::int AS id
      FROM generate_series(1, ${count} / 4)
    ) AS t
    JOIN project AS p ON p.id = t.id`)
  await sql.unsafe(`
    INSERT INTO feedback (project_id, day, archive_hash, item_index, received_at, event_id, name, email, message)
    SELECT project_id, day, archive_hash, 2, received_at, event_id, 'Jo', 'jo@example.com', 'It broke.'
    FROM report WHERE day = '${day}' AND random() < 0.002`)
  await sql.unsafe(`
    INSERT INTO check_in (project_id, day, archive_hash, item_index, received_at, check_in_id, monitor_slug, status, duration)
    SELECT p.id, '${day}', int8send(n), 0, '${day}'::date::timestamp AT TIME ZONE 'UTC' + make_interval(mins => n), gen_random_uuid(), 'nightly-' || n % 20,
      CASE WHEN random() < 0.02 THEN 'missed' ELSE 'ok' END, random() * 60
    FROM project AS p, generate_series(1, 1439) AS n`)
  await sql.unsafe(`
    INSERT INTO digest_error (project_id, day, archive_hash, item_index, item_type, event_id, code, message)
    SELECT project_id, day, archive_hash, 3, 'event', event_id, (ARRAY['invalid_json', 'item_too_large', 'second_event'])[${often(3, 1)}], 'why'
    FROM report WHERE day = '${day}' AND random() < 0.005`)
  await sql.unsafe(`
    INSERT INTO outcome_hour (project_id, hour, item_type, outcome, reason, quantity)
    SELECT p.id, h, k.item_type, k.outcome, k.reason, 1 + floor(random() * 1000)
    FROM project AS p,
      generate_series('${day}'::date::timestamp AT TIME ZONE 'UTC', '${day}'::date::timestamp AT TIME ZONE 'UTC' + interval '23 hours', interval '1 hour') AS h,
      (VALUES ('event', 'stored', ''), ('event', 'duplicate', ''), ('event', 'rejected', 'invalid_json'), ('session', 'stored', ''),
        ('transaction', 'stored', ''), ('request', 'archived', ''), ('request', 'refused', 'rate_limited')) AS k(item_type, outcome, reason)`)
  await sql.unsafe(`
    INSERT INTO client_discard_hour (project_id, hour, category, reason, quantity)
    SELECT p.id, '${day}'::date::timestamp AT TIME ZONE 'UTC', 'error', r, 5 FROM project AS p, (VALUES ('sample_rate'), ('network_error')) AS _(r)`)
}
