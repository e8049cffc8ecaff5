import type { Question } from './question.ts'

/** A chart of `metric` over `dimension`, one colour for each `series`. */
function over(dimension: string, metric: string, { series, title }: { series?: string; title: string }): object {
  return {
    'graph.dimensions': series === undefined ? [dimension] : [dimension, series],
    'graph.metrics': [metric],
    'graph.x_axis.title_text': '',
    'graph.y_axis.title_text': title,
    ...(series === undefined ? {} : { 'stackable.stack_type': 'stacked' }),
  }
}

/** A column that reads as a share of a hundred. */
function percent(column: string): object {
  const key = JSON.stringify(['name', column])
  return { column_settings: { [key]: { number_style: 'percent', decimals: 2 } } }
}

/** Its list is what the dashboard's filter offers. */
export const PROJECTS = 'Projects'

/** Each reads views of the schema analytics only; rollups where there are some, so that a year costs no more than a day. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'Events',
    description: 'Received in the time chosen.',
    display: 'scalar',
    settings: { 'scalar.field': 'events' },
    query: `SELECT coalesce(sum(events), 0)::bigint AS events
FROM analytics.issue_hours
WHERE hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]`,
  },
  {
    name: 'Unresolved issues',
    description: 'Now, whenever they were last seen.',
    display: 'scalar',
    settings: { 'scalar.field': 'issues' },
    query: `SELECT count(*) AS issues
FROM analytics.issues
WHERE status = 'unresolved'
  [[AND project IN ({{project}})]]`,
  },
  {
    name: 'Crash-free sessions',
    description: 'Share of the sessions that did not crash.',
    display: 'scalar',
    settings: { 'scalar.field': 'crash_free_sessions', ...percent('crash_free_sessions') },
    query: `SELECT 1 - sum(crashed)::double precision / nullif(sum(sessions), 0) AS crash_free_sessions
FROM analytics.release_health
WHERE hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]`,
  },
  {
    name: 'Refused or rejected',
    description: 'Requests refused at the door, and items the digest could not use. Below is why.',
    display: 'scalar',
    settings: { 'scalar.field': 'quantity' },
    query: `SELECT coalesce(sum(quantity), 0)::bigint AS quantity
FROM analytics.outcomes
WHERE hour >= now() - make_interval(days => {{days}})
  AND (
    outcome = 'rejected'
    OR item_type = 'request' AND outcome NOT IN ('archived', 'seen_again', 'spooled', 'discarded', 'kept_aside')
  )
  [[AND project IN ({{project}})]]`,
  },
  {
    name: 'Events by day',
    description: 'By the time they were received.',
    display: 'bar',
    settings: over('day', 'events', { series: 'project', title: 'Events' }),
    query: `SELECT date_trunc('day', hour) AS day, project, sum(events)::bigint AS events
FROM analytics.issue_hours
WHERE hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('day', hour), project
ORDER BY day, project`,
  },
  {
    name: 'New issues a day',
    description: 'By the time of their first event.',
    display: 'bar',
    settings: over('day', 'issues', { series: 'project', title: 'Issues' }),
    query: `SELECT date_trunc('day', first_seen) AS day, project, count(*) AS issues
FROM analytics.issues
WHERE first_seen >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('day', first_seen), project
ORDER BY day, project`,
  },
  {
    name: 'Error rate',
    description: 'Share of the sessions that had an error, crashes included.',
    display: 'line',
    settings: {
      ...over('day', 'error_rate', { title: 'Sessions with an error' }),
      'graph.dimensions': ['day', 'project'],
      ...percent('error_rate'),
    },
    query: `SELECT
  date_trunc('day', hour) AS day,
  project,
  sum(errored)::double precision / nullif(sum(sessions), 0) AS error_rate
FROM analytics.release_health
WHERE hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('day', hour), project
ORDER BY day, project`,
  },
  {
    name: 'Crash-free sessions by release',
    description: 'The twenty releases with most sessions.',
    display: 'table',
    settings: percent('crash_free_sessions'),
    query: `SELECT
  project,
  release,
  sum(sessions)::bigint AS sessions,
  sum(crashed)::bigint AS crashed,
  1 - sum(crashed)::double precision / nullif(sum(sessions), 0) AS crash_free_sessions
FROM analytics.release_health
WHERE hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY project, release
ORDER BY sessions DESC, project, release
LIMIT 20`,
  },
  {
    name: 'Top issues',
    description:
      'Seen in the time chosen, those that met most users first. Users are those of the time reports are kept.',
    display: 'table',
    settings: {},
    query: `SELECT
  issue.issue,
  issue.title,
  issue.culprit,
  issue.status,
  issue.users,
  recent.events,
  issue.first_seen,
  issue.last_seen,
  issue.last_release
FROM (
  SELECT project_id, issue_id, sum(events)::bigint AS events
  FROM analytics.issue_hours
  WHERE hour >= now() - make_interval(days => {{days}})
    [[AND project IN ({{project}})]]
  GROUP BY project_id, issue_id
) AS recent
JOIN analytics.issues AS issue ON issue.project_id = recent.project_id AND issue.issue_id = recent.issue_id
ORDER BY issue.users DESC, recent.events DESC, issue.issue
LIMIT 25`,
  },
  {
    name: 'Events by platform and release',
    description: 'Those that are kept, the twenty largest.',
    display: 'table',
    settings: {},
    query: `SELECT project, platform, release, count(*) AS events, count(DISTINCT issue_id) AS issues
FROM analytics.reports
WHERE day >= (now() AT TIME ZONE 'UTC')::date - {{days}}
  [[AND project IN ({{project}})]]
GROUP BY project, platform, release
ORDER BY events DESC, project, platform, release
LIMIT 20`,
  },
  {
    name: 'Time to resolve',
    description: 'Median hours from its first event, or from when it came back, to when an issue was resolved.',
    display: 'bar',
    settings: over('week', 'median_hours', { title: 'Hours' }),
    query: `SELECT
  date_trunc('week', resolved.at) AS week,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved.at - began.at) / 3600) AS median_hours,
  count(*) AS resolved
FROM analytics.activity AS resolved
JOIN analytics.issues AS issue ON issue.project_id = resolved.project_id AND issue.issue_id = resolved.issue_id
CROSS JOIN LATERAL (
  SELECT coalesce(max(back.at), issue.first_seen) AS at
  FROM analytics.activity AS back
  WHERE back.project_id = resolved.project_id
    AND back.issue_id = resolved.issue_id
    AND back.kind IN ('reopened', 'regressed')
    AND back.at < resolved.at
) AS began
WHERE resolved.kind = 'resolved'
  AND resolved.at >= now() - make_interval(days => {{days}})
  [[AND resolved.project IN ({{project}})]]
GROUP BY date_trunc('week', resolved.at)
ORDER BY week`,
  },
  {
    name: 'Ingest by outcome',
    description: 'What became of each request at the door. Spooled ones are counted once, when they came.',
    display: 'area',
    settings: over('day', 'requests', { series: 'outcome', title: 'Requests' }),
    query: `SELECT date_trunc('day', hour) AS day, outcome, sum(quantity)::bigint AS requests
FROM analytics.outcomes
WHERE item_type = 'request'
  AND reason IS DISTINCT FROM 'spool'
  AND outcome NOT IN ('discarded', 'kept_aside')
  AND hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('day', hour), outcome
ORDER BY day, outcome`,
  },
  {
    name: 'Items by outcome',
    description: 'What the digest made of each item that was kept.',
    display: 'area',
    settings: over('day', 'items', { series: 'outcome', title: 'Items' }),
    query: `SELECT date_trunc('day', hour) AS day, outcome, sum(quantity)::bigint AS items
FROM analytics.outcomes
WHERE item_type <> 'request'
  AND hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('day', hour), outcome
ORDER BY day, outcome`,
  },
  {
    name: 'Rejected by cause',
    description: 'Items the digest could not use.',
    display: 'row',
    settings: over('cause', 'items', { title: 'Items' }),
    query: `SELECT item_type || ': ' || coalesce(reason, 'unknown') AS cause, sum(quantity)::bigint AS items
FROM analytics.outcomes
WHERE outcome = 'rejected'
  AND hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY item_type || ': ' || coalesce(reason, 'unknown')
ORDER BY items DESC, cause
LIMIT 20`,
  },
  {
    name: 'Refused by cause',
    description: 'Requests refused at the door. Those without a key belong to no project.',
    display: 'row',
    settings: over('cause', 'requests', { title: 'Requests' }),
    query: `SELECT concat_ws(': ', outcome, reason) AS cause, sum(quantity)::bigint AS requests
FROM analytics.outcomes
WHERE item_type = 'request'
  AND outcome NOT IN ('archived', 'seen_again', 'spooled', 'discarded', 'kept_aside')
  AND hour >= now() - make_interval(days => {{days}})
  [[AND project IN ({{project}})]]
GROUP BY concat_ws(': ', outcome, reason)
ORDER BY requests DESC, cause
LIMIT 20`,
  },
  {
    name: 'Latest failures',
    description:
      'What the digest gave up, in words. `rumen dead retry` tries again what was given up for a reason that is gone.',
    display: 'table',
    settings: {},
    query: `SELECT failed_at, project, item_type, code, message, event_id
FROM analytics.digest_errors
WHERE day >= (now() AT TIME ZONE 'UTC')::date - {{days}}
  [[AND project IN ({{project}})]]
ORDER BY failed_at DESC, error_id DESC
LIMIT 50`,
  },
  {
    name: 'Disk by day',
    description: 'Bytes of what was received that day, as they are stored: the larger part of the disk.',
    display: 'bar',
    settings: over('day', 'bytes', { series: 'project', title: 'Bytes' }),
    query: `SELECT day, project, sum(stored_bytes)::bigint AS bytes
FROM analytics.archives
WHERE day >= (now() AT TIME ZONE 'UTC')::date - {{days}}
  [[AND project IN ({{project}})]]
GROUP BY day, project
ORDER BY day, project`,
  },
  {
    name: 'Seconds until visible',
    description:
      'From receipt to being in these tables, over the last day: the median, and what one in a hundred waits.',
    display: 'line',
    settings: { ...over('hour', 'median', { title: 'Seconds' }), 'graph.metrics': ['median', 'slowest_percent'] },
    query: `SELECT
  date_trunc('hour', received_at) AS hour,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM digested_at - received_at)) AS median,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM digested_at - received_at)) AS slowest_percent
FROM analytics.reports
WHERE day >= (now() AT TIME ZONE 'UTC')::date - 1
  AND received_at >= now() - interval '1 day'
  [[AND project IN ({{project}})]]
GROUP BY date_trunc('hour', received_at)
ORDER BY hour`,
  },
  {
    name: PROJECTS,
    description: 'What the dashboard can be narrowed to.',
    display: 'table',
    settings: {},
    query: `SELECT project, name, created_at, retention_days
FROM analytics.projects
ORDER BY project`,
  },
]
