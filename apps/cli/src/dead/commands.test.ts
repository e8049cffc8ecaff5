import { readSettings, type Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { dayOf } from '@rumen/db/partition/day'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'
import { eachDead } from './each-dead.ts'

const DAY = dayOf(new Date())

let database: DatabaseClone
let connection: Connection
let sql: Connection['sql']
let settings: Settings

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  sql = connection.sql
})

afterEach(async () => {
  vi.restoreAllMocks()
  await sql`DELETE FROM pgboss.job`
  await sql`DELETE FROM digest_error`
  await sql`DELETE FROM digest_attempt`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

/** So many jobs of a project that pg-boss gave up, as it writes them; the first died first. */
async function die(projectId: number, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    INSERT INTO pgboss.job (name, priority, data, created_on, source_name, source_id, source_created_on,
      source_retry_count, source_output)
    SELECT 'digest-dead', 10, jsonb_build_object(
        'project_id', ${projectId}::int::text, 'day', ${DAY}::text, 'hash', lpad(to_hex(${projectId}::int * 10000 + n), 64, '0')),
      now() - interval '1 hour' + n * interval '1 second', 'digest-excess', gen_random_uuid(), now() - interval '2 hours',
      12, '{"reason": "the disk is full"}'
    FROM generate_series(1, ${count}::int) AS n
    RETURNING id`
  return rows.map(({ id }) => id)
}

async function countByQueue(): Promise<Record<string, number>> {
  const rows = await sql<{ name: string; jobs: number }[]>`
    SELECT name, count(*)::int AS jobs FROM pgboss.job WHERE state = 'created' GROUP BY name`
  return Object.fromEntries(rows.map(({ name, jobs }) => [name, jobs]))
}

test('dead jobs are listed with their archive, why they died and how often they were tried', async () => {
  const [first] = await die(1, 2)
  await die(2, 1)
  const lines = (await rumen('dead list')).split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(new RegExp(`^${first}\\t\\d{4}-.*Z\\t1\\t${DAY} 0{60}2711\\t13 tries\\tthe disk is full$`))
  expect(JSON.parse(await rumen('dead list --project 2 --json'))).toEqual([
    {
      id: expect.any(String),
      died_at: expect.any(String),
      queued_at: expect.any(String),
      project_id: '2',
      day: DAY,
      archive_hash: '4e21'.padStart(64, '0'),
      tries: 13,
      reason: 'the disk is full',
    },
  ])
})

test('a retried job waits in its queue again, as if it had come just now and had never been tried', async () => {
  const [first = '', second = ''] = await die(1, 3)
  await sql`
    INSERT INTO digest_attempt (project_id, day, archive_hash, attempts)
    VALUES (1, ${DAY}, decode(${'2711'.padStart(64, '0')}, 'hex'), 2)`
  expect(await rumen(`dead retry ${first.toUpperCase()} ${second}`)).toBe('2 jobs are in their queues again.')
  expect(await countByQueue()).toEqual({ 'digest-excess': 2, 'digest-dead': 1 })
  const jobs = await sql`
    SELECT retry_count, retry_limit, priority, expire_seconds, dead_letter FROM pgboss.job WHERE name = 'digest-excess'`
  expect(jobs[0]).toEqual({
    retry_count: 0,
    retry_limit: 12,
    priority: 10,
    expire_seconds: 60,
    dead_letter: 'digest-dead',
  })
  expect(await sql`SELECT FROM digest_attempt`).toHaveLength(0)
  expect(await rumen(`dead retry ${first}`)).toBe('0 jobs are in their queues again.')
  expect(await countByQueue()).toEqual({ 'digest-excess': 2, 'digest-dead': 1 })
})

test('all of a project, or all, are retried', async () => {
  await die(1, 2)
  await die(2, 1200)
  expect(await rumen('dead retry --all --project 2')).toBe('1200 jobs are in their queues again.')
  expect(await countByQueue()).toEqual({ 'digest-excess': 1200, 'digest-dead': 2 })
  expect(await rumen('dead retry --all')).toBe('2 jobs are in their queues again.')
})

test('a retry that is cut off has moved some jobs wholly and the others not at all', async () => {
  await die(1, 700)
  let chunks = 0
  const cut = eachDead(settings, { ids: null, projectId: null }, async (tx, jobs, letters) => {
    const moved = await letters.retry(
      tx,
      jobs.map(({ id }) => id),
    )
    if (++chunks === 2) throw new Error('cut off')
    return moved
  })
  await expect(cut).rejects.toThrow('cut off')
  expect(await countByQueue()).toEqual({ 'digest-excess': 500, 'digest-dead': 200 })
})

test('a dropped job leaves a line in the list of errors and in the ledger', async () => {
  const [first = ''] = await die(1, 2)
  expect(await rumen(`dead drop ${first} --yes`)).toBe('1 job is dropped.')
  expect(await countByQueue()).toEqual({ 'digest-dead': 1 })
  const errors = await sql`SELECT code, message, encode(archive_hash, 'hex') AS hash, retry_count FROM digest_error`
  expect(errors).toEqual([
    {
      code: 'dropped',
      message: 'given up after 13 tries, and dropped by hand: the disk is full',
      hash: '2711'.padStart(64, '0'),
      retry_count: 12,
    },
  ])
  const outcomes = await sql`SELECT outcome, reason, quantity::int FROM outcome WHERE project_id = 1`
  expect(outcomes).toEqual([{ outcome: 'rejected', reason: 'dropped', quantity: 1 }])
})

test('a dead job that is about no archive can be listed, retried and dropped like any other', async () => {
  await sql`
    INSERT INTO pgboss.job (name, data, source_name) VALUES ('digest-dead', '"odd"', 'digest'), ('digest-dead', NULL, 'digest')`
  expect((await rumen('dead list')).split('\n')).toHaveLength(2)
  expect(await rumen('dead drop --all --yes')).toBe('2 jobs are dropped.')
})

const SOME_ID = 'e0000000-0000-4000-8000-000000000000'

test.for([
  ['dead retry', 'which jobs? their IDs, as `rumen dead list` prints them, or --all'],
  [`dead retry ${SOME_ID} --all`, 'which jobs? their IDs, as `rumen dead list` prints them, or --all'],
  ['dead retry 12', "not a job's ID: 12"],
  ['dead drop --all', 'what is dropped is not digested any more: add --yes if that is meant'],
  ['dead list --project shop', "not a project's number: shop"],
  ['where', 'EVENT_ID is missing'],
  ['where 12', "not an event's id (32 hexadecimal characters or a UUID): 12"],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
})

test('where asks the database, for an id in any spelling', async () => {
  const id = 'A0B1C2D3-E4F5-4678-89AB-CDEF01234567'
  const plain = 'a0b1c2d3e4f5467889abcdef01234567'
  expect(await rumen(`where ${id}`)).toBe(
    `Event ${plain} was never seen, and no request was refused in the last 24 hours.`,
  )
  expect(JSON.parse(await rumen(`where ${plain} --json`))).toEqual({
    event_id: plain,
    found: [],
    refused_requests: [],
    refused_hours: 24,
    spooled_requests: 0,
  })
})
