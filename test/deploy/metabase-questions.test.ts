import { connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import postgres, { type Row, type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CardBody } from './metabase-bodies.ts'
import { startMetabase } from './metabase-server.ts'
import { runProvision } from './run-provision.ts'

// What the provisioning puts into Metabase is run as Metabase would run it: by metabase_readonly, with its variables filled in.

let database: DatabaseClone
let analyst: Sql
let cards: CardBody[] = []

/** Two projects: `shop` has an event, a session that crashed and one that did not, a resolved issue, refusals; `blog` nothing. */
async function fill(url: string): Promise<void> {
  const { db, sql, close } = connect(url, { poolSize: 1, name: 'test' })
  const { id } = await createProject(db, { name: 'Shop' })
  await createProject(db, { name: 'Blog' })
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, status, first_seen, last_seen, event_count, user_count)
    VALUES
      (${id}, 1, 'Boom', 'pay', 3, 'unresolved', now() - interval '3 hours', now(), 5, 4),
      (${id}, 2, 'Bang', 'buy', 3, 'resolved', now() - interval '10 hours', now(), 3, 9)`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, decode(lpad(number::text, 2, '0'), 'hex'), id, 'v1', title, '[]' FROM issue`
  await sql`
    INSERT INTO issue_hour (project_id, grouping_id, hour, event_count)
    SELECT grouping.project_id, grouping.id, date_trunc('hour', now()), issue.event_count
    FROM grouping JOIN issue ON issue.id = grouping.issue_id`
  await sql`
    INSERT INTO activity (project_id, issue_id, kind, at, data)
    SELECT project_id, id, kind, now() - ago, '{}' FROM issue,
      (VALUES ('resolved', interval '9 hours'), ('regressed', interval '6 hours'), ('resolved', interval '2 hours')) AS past (kind, ago)
    WHERE number = 2`
  await sql`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, digested_at, level)
    SELECT project_id, gen_random_uuid(), (now() AT TIME ZONE 'UTC')::date, '\\xab', 0, id, now(), now(), now() + interval '2 seconds', 3
    FROM grouping`
  await sql`
    INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes, body)
    VALUES (${id}, (now() AT TIME ZONE 'UTC')::date, '\\xab', now(), 'envelope', 'gzip', 9, '\\x0011223344')`
  await sql`
    INSERT INTO session_hour (project_id, hour, release_id, environment_id, sessions, errored, unhandled, abnormal, crashed)
    VALUES (${id}, date_trunc('hour', now()), 0, 0, 4, 2, 0, 0, 1)`
  await sql`
    INSERT INTO digest_error (project_id, day, archive_hash, item_index, item_type, code, message)
    VALUES (${id}, (now() AT TIME ZONE 'UTC')::date, '\\xab', 0, 'event', 'bad_json', 'It is no JSON.')`
  await sql`
    INSERT INTO outcome_hour (project_id, hour, item_type, outcome, reason, quantity)
    SELECT project, date_trunc('hour', now()), item_type, outcome, reason, quantity
    FROM (VALUES
      (${id}::bigint, 'request', 'archived', '', 7), (${id}, 'request', 'spooled', '', 2), (${id}, 'request', 'archived', 'spool', 2),
      (${id}, 'request', 'rate_limited', 'project', 3), (0, 'request', 'unauthorized', 'unknown_key', 4),
      (${id}, 'event', 'stored', '', 8), (${id}, 'event', 'rejected', 'bad_json', 1)
    ) AS counted (project, item_type, outcome, reason, quantity)`
  await close()
}

beforeAll(async () => {
  database = await testDatabase()
  await fill(database.url)
  analyst = postgres(database.url, { max: 1 })
  await analyst.unsafe('SET ROLE metabase_readonly')
  const metabase = await startMetabase()
  const { exitCode, output } = await runProvision(metabase.url)
  cards = metabase.state.cards
  await metabase.stop()
  if (exitCode !== 0) throw new Error(output)
}, 240_000)

afterAll(async () => {
  await analyst.end()
  await database.drop()
})

/** As Metabase fills in a query: without a value, what is in `[[…]]` goes; a number stands bare, a text is quoted. */
function filled({ dataset_query: { native } }: CardBody, values: { days: number; project?: string }): string {
  const shortened = values.project === undefined ? native.query.replaceAll(/\[\[.*?\]\]/gs, '') : native.query
  const query = shortened
    .replaceAll(/\[\[|\]\]/g, '')
    .replaceAll('{{days}}', String(values.days))
    .replaceAll('{{project}}', `'${values.project}'`)
  const tags = Object.keys(native['template-tags'])
  if (/\{\{|\[\[/.test(query) || tags.some((tag) => !native.query.includes(`{{${tag}}}`))) {
    throw new Error(`variables and their declaration differ: ${native.query}`)
  }
  return query
}

function named(name: string): CardBody {
  const card = cards.find((one) => one.name === name)
  if (!card) throw new Error(`there is no question ${name}`)
  return card
}

async function ask(name: string, values: { days?: number; project?: string } = {}): Promise<Row[]> {
  return [...(await analyst.unsafe(filled(named(name), { days: 14, ...values })))]
}

test('every question runs as the analyst, with and without a project, and has the columns it shows', async () => {
  expect(cards.length).toBeGreaterThan(15)
  const { current_user: user } = (await analyst`SELECT current_user`)[0] ?? {}
  expect(user).toBe('metabase_readonly')
  for (const card of cards) {
    for (const project of [undefined, 'shop', 'nobody']) {
      const query = filled(card, { days: 30, ...(project === undefined ? {} : { project }) })
      const result = await analyst.unsafe(query).catch((error: unknown) => {
        throw new Error(`${card.name}: ${error}`)
      })
      const columns = result.columns.map(({ name }) => name)
      const settings = card.visualization_settings
      const shown = [settings['graph.dimensions'], settings['graph.metrics'], settings['scalar.field']]
      const formatted = Object.keys(settings.column_settings ?? {}).map((key) => JSON.parse(key)[1])
      const missing = [...shown, ...formatted]
        .flat()
        .filter((column) => column !== undefined && !columns.includes(column))
      expect(missing, card.name).toEqual([])
    }
  }
})

describe('what they say', () => {
  test('is narrowed to a project', async () => {
    expect(await ask('Events')).toEqual([{ events: '8' }])
    expect(await ask('Events', { project: 'shop' })).toEqual([{ events: '8' }])
    expect(await ask('Events', { project: 'blog' })).toEqual([{ events: '0' }])
    expect((await ask('Projects')).map(({ project }) => project)).toEqual(['blog', 'shop'])
  })

  test('the issues that met most users come first', async () => {
    const issues = await ask('Top issues')
    expect(issues.map(({ issue, users, events }) => ({ issue, users, events }))).toEqual([
      { issue: 'shop-2', users: '9', events: '3' },
      { issue: 'shop-1', users: '4', events: '5' },
    ])
    expect(await ask('Unresolved issues')).toEqual([{ issues: '1' }])
    expect((await ask('New issues a day')).reduce((sum, { issues }) => sum + Number(issues), 0)).toBe(2)
  })

  test('shares of sessions are of all sessions', async () => {
    expect(await ask('Crash-free sessions')).toEqual([{ crash_free_sessions: 0.75 }])
    expect((await ask('Error rate')).map(({ error_rate }) => error_rate)).toEqual([0.5])
    expect((await ask('Crash-free sessions by release')).map((row) => row.crash_free_sessions)).toEqual([0.75])
  })

  test('the time to resolve begins anew when an issue comes back', async () => {
    const weeks = await ask('Time to resolve')
    const hours = weeks.map(({ median_hours: median, resolved }) => [
      Math.round(Number(median) * 10) / 10,
      Number(resolved),
    ])
    // An hour, and four; one week or two of them.
    expect([
      [[2.5, 2]],
      [
        [1, 1],
        [4, 1],
      ],
    ]).toContainEqual(hours)
  })

  test('a request that was spooled counts once; what belongs to nobody counts too', async () => {
    const requests = await ask('Ingest by outcome')
    expect(Object.fromEntries(requests.map(({ outcome, requests: count }) => [outcome, Number(count)]))).toEqual({
      archived: 7,
      spooled: 2,
      rate_limited: 3,
      unauthorized: 4,
    })
    expect(await ask('Refused or rejected')).toEqual([{ quantity: '8' }])
    expect(await ask('Refused or rejected', { project: 'shop' })).toEqual([{ quantity: '4' }])
    expect(await ask('Refused by cause')).toEqual([
      { cause: 'unauthorized: unknown_key', requests: '4' },
      { cause: 'rate_limited: project', requests: '3' },
    ])
    expect(await ask('Rejected by cause')).toEqual([{ cause: 'event: bad_json', items: '1' }])
    expect((await ask('Items by outcome')).map(({ outcome, items }) => [outcome, items])).toEqual([
      ['rejected', '1'],
      ['stored', '8'],
    ])
  })

  test('bytes, delays and failures are there', async () => {
    expect((await ask('Disk by day')).map(({ bytes }) => bytes)).toEqual(['5'])
    expect((await ask('Seconds until visible')).map(({ median }) => median)).toEqual([2])
    expect((await ask('Latest failures')).map(({ message }) => message)).toEqual(['It is no JSON.'])
    expect((await ask('Events by platform and release')).map(({ events, issues }) => [events, issues])).toEqual([
      ['2', '2'],
    ])
  })
})
