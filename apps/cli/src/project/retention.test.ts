import { readSettings, type Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const TODAY = dayOf(new Date())
const EVENT = 'e'.repeat(32)

let database: DatabaseClone
let connection: Connection
let settings: Settings
let project: NewProject

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url, RETENTION_DAYS: '30' })
  connection = connect(database.url, { poolSize: 1, name: 'test' })
  project = await createProject(connection.db, { name: 'Shop' })
  await store(addDays(TODAY, -5))
})

afterEach(() => {
  vi.restoreAllMocks()
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** An event with a file, as digested on that day. */
async function store(day: Day): Promise<void> {
  const { sql } = connection
  const at = `${day}T10:00:00Z`
  const body = JSON.stringify({ event_id: EVENT, message: 'boom' })
  await createDay(sql, day)
  await sql`
    INSERT INTO archive (project_id, day, hash, event_id, received_at, endpoint, encoding, wire_bytes, body)
    VALUES (${project.id}, ${day}, '\\x01', ${EVENT}, ${at}, 'store', 'identity', 1, ${Buffer.from(body)})`
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, event_count)
    VALUES (${project.id}, 1, 'boom', '', 3, ${at}, ${at}, 1)`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts, event_count)
    SELECT project_id, '\\x00', id, 'v1', '', '[]', 1 FROM issue`
  await sql`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
    SELECT ${project.id}, ${EVENT}, ${day}, '\\x01', 0, id, ${at}, ${at}, 3 FROM grouping`
  await sql`
    INSERT INTO attachment (project_id, day, archive_hash, item_index, received_at, event_id, name, attachment_type, content_type, size, byte_offset)
    VALUES (${project.id}, ${day}, '\\x01', 1, ${at}, ${EVENT}, 'log.txt', '', '', 1, 0)`
  await sql`INSERT INTO seen VALUES (${project.id}, ${EVENT}, ${day})`
}

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

async function retentionOf(): Promise<number | null> {
  const [row] = await connection.sql`SELECT retention_days FROM project WHERE id = ${project.id}`
  return row?.retention_days
}

test('a project keeps its events for fewer days than all others, or as long as they do again', async () => {
  const set = JSON.parse(await rumen(`project retention ${project.id} --days 7 --json`))
  expect(set).toEqual({ project_id: project.id, days: 7, effective_days: 7 })
  expect(await retentionOf()).toBe(7)
  expect(await rumen(`project retention ${project.id} --days 1`)).toContain(
    `Project ${project.id} keeps its events for 1 day;`,
  )
  expect(await rumen(`project retention ${project.id} --days none`)).toContain('as long as all others: 30 days.')
  expect(await retentionOf()).toBeNull()
})

test.for([
  ['--days 31', 'at most 30, which RETENTION_DAYS says'],
  ['--days 0', 'whole number of days'],
  ['--days 1.5', 'whole number of days'],
  ['--days all', 'whole number of days'],
  ['--json', 'how many days?'],
])('%s is refused with a sentence', async ([options, sentence]) => {
  const refused = rumen(`project retention ${project.id} ${options}`)
  await expect(refused).rejects.toThrow(sentence)
  await expect(refused).rejects.toBeInstanceOf(CommandError)
  expect(await retentionOf()).toBeNull()
})

test('of a project nobody has, that is said', async () => {
  await expect(rumen('project retention 4711 --days 7')).rejects.toThrow('there is no project 4711')
})

test('what is beyond its days is shown no more, at once', async () => {
  await rumen(`project retention ${project.id} --days 6`)
  expect(await rumen(`event show ${EVENT}`)).toContain('boom')
  expect(await rumen(`attachment list ${EVENT}`)).toContain('log.txt')
  expect(await rumen(`where ${EVENT}`)).toContain('stored in issue shop-1')
  await rumen(`project retention ${project.id} --days 5`)
  await expect(rumen(`event show ${EVENT}`)).rejects.toThrow(`there is no report of ${EVENT}`)
  expect(await rumen(`attachment list ${EVENT}`)).toBe(`No file came with event ${EVENT}.`)
  const where = await rumen(`where ${EVENT}`)
  expect(where).toContain('removed since: its time was over')
  expect(where).not.toContain('stored')
})

test('an event that is kept for good is shown when its report, or only its archive, is gone', async () => {
  const { sql } = connection
  await rumen(`project retention ${project.id} --days none`)
  await sql`
    INSERT INTO keeper (
      project_id, grouping_id, event_id, day, archive_hash, item_index, occurred_at, received_at, endpoint, encoding, wire_bytes, body
    )
    SELECT r.project_id, r.grouping_id, r.event_id, r.day, a.hash, r.item_index, r.occurred_at, r.received_at, a.endpoint, a.encoding, 1,
      a.body
    FROM report AS r JOIN archive AS a ON a.hash = r.archive_hash`
  const shown = await rumen(`event show ${EVENT} --json`)
  expect(await rumen(`where ${EVENT}`)).not.toContain('kept for good')
  await sql`DELETE FROM archive`
  expect(await rumen(`event show ${EVENT} --json`)).toBe(shown)
  await sql`DELETE FROM report`
  expect(await rumen(`event show ${EVENT} --json`)).toBe(shown)
  expect(await rumen(`where ${EVENT}`)).toContain(
    'kept for good as one of the events of issue shop-1, although its time is over',
  )
})
