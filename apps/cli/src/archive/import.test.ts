import { writeFile } from 'node:fs/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ArchiveStage, makeRow, openArchiveStage } from '../../fixtures/archive-stage.ts'
import {
  fileOf,
  hashesOf,
  hexOf,
  importBytes,
  importJson,
  jobsOf,
  lineOf,
  NONE,
  rowsOf,
} from '../../fixtures/import-file.ts'
import { importArchivesCommand } from './import.ts'
import { headLine } from './line.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stage: ArchiveStage
let other: NewProject

beforeAll(async () => {
  stage = await openArchiveStage()
  other = await createProject(stage.db, { name: 'Other' })
})

afterEach(async () => {
  await stage.sql`TRUNCATE archive, suppressed, gauge`
  await stage.sql`DELETE FROM pgboss.job`
})

afterAll(() => stage.remove())

describe('what is kept', () => {
  test('is all an archive has, to the microsecond, and a job for it behind those of others', async () => {
    await stage.sql`UPDATE project SET priority = 5 WHERE id = ${stage.project.id}`
    const moment = new Date(Date.now() - 60_000)
    const row = makeRow(stage.project.id, {
      receivedAt: moment,
      receivedAtText: moment.toISOString().replace('Z', '789Z'),
      eventId: null,
      endpoint: 'minidump',
      contentType: 'text/plain; charset="ü"',
      clientIp: '2001:db8::7',
      userAgent: 'agent\u2028"quoted"',
      sentryClient: 'sentry.test/1',
      queryRelease: 'shop@1',
      queryEnvironment: 'production',
      wireBytes: 4711,
    })
    expect(await importJson(stage, fileOf(stage, [row]))).toEqual({
      ...{ errors: [], failure: null },
      counts: { ...NONE, read: 1, imported: 1 },
    })
    const [kept] = await stage.sql`
      SELECT *, received_at::timestamptz(6)::text AS at, host(client_ip) AS client,
        to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS moment, day::text AS of
      FROM archive`
    expect(kept).toMatchObject({
      ...{ hash: row.hash, of: row.day, moment: row.receivedAtText, endpoint: 'minidump', event_id: null },
      ...{ content_type: row.contentType, encoding: 'gzip', client: '2001:db8::7', user_agent: row.userAgent },
      ...{ sentry_client: 'sentry.test/1', query_release: 'shop@1', query_environment: 'production' },
      ...{ wire_bytes: 4711, body: row.body, erased_at: null },
    })
    expect(await jobsOf(stage)).toEqual([
      { name: 'digest-excess', priority: 5, project: stage.project.id, day: row.day, hash: row.hash.toString('hex') },
    ])
    await stage.sql`UPDATE project SET priority = 0`
  })

  test('is what was not there: a second run finds all of it, in one file or in two', async () => {
    const rows = rowsOf(stage, 1_100)
    const [some, all] = [fileOf(stage, rows.slice(0, 600)), fileOf(stage, rows)]
    expect((await importJson(stage, some)).counts).toEqual({ ...NONE, read: 600, imported: 600 })
    const both = await importJson(stage, `${all}${some}`)
    expect(both).toMatchObject({ failure: null, counts: { read: 1_700, imported: 500, present: 1_200 } })
    expect((await importJson(stage, all)).counts).toEqual({ ...NONE, read: 1_100, imported: 0, present: 1_100 })
    expect(await hashesOf(stage, stage.project)).toEqual(hexOf(rows))
    expect((await jobsOf(stage)).map(({ hash }) => hash)).toEqual(hexOf(rows))
  })

  test('twice at the same time is once', async () => {
    const rows = rowsOf(stage, 1_500)
    await writeFile(`${stage.folder}/once`, fileOf(stage, rows))
    await writeFile(`${stage.folder}/backwards`, fileOf(stage, rows.toReversed()))
    const said: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((text) => said.push(text))
    await Promise.all(
      ['once', 'backwards'].map((name) =>
        importArchivesCommand(['-i', `${stage.folder}/${name}`, '--json'], stage.settings),
      ),
    )
    log.mockRestore()
    const [one, two] = said.map((text) => JSON.parse(text))
    expect([one.imported + two.imported, one.present + two.present]).toEqual([1_500, 1_500])
    expect((await jobsOf(stage)).map(({ hash }) => hash)).toEqual(hexOf(rows))
  })

  test('does not matter to what it came in: plain, gzip, zstd, several of them one behind the other', async () => {
    const rows = rowsOf(stage, 4)
    const parts = rows.map((row) => Buffer.from(fileOf(stage, [row])))
    const [a, b, c, d] = parts
    if (!a || !b || !c || !d) throw new Error('there are four')
    expect((await importJson(stage, Buffer.concat([zstdCompressSync(a), zstdCompressSync(b)]))).counts).toMatchObject({
      imported: 2,
    })
    expect((await importJson(stage, Buffer.concat([gzipSync(a), gzipSync(c)]))).counts).toMatchObject({
      imported: 1,
      present: 1,
    })
    expect((await importJson(stage, Buffer.concat([a, d, c]))).counts).toMatchObject({ imported: 1, present: 2 })
    expect(await hashesOf(stage, stage.project)).toEqual(hexOf(rows))
  })

  test('is nothing of an empty file, and of one without archives', async () => {
    expect(await importBytes(stage, '')).toMatchObject({
      failure: null,
      output: '0 read: 0 imported, 0 were here already.',
    })
    expect(await importBytes(stage, fileOf(stage, []))).toMatchObject({ failure: null, errors: [] })
  })
})

describe('projects', () => {
  test('are those of the mapping, and the address is there under the new number', async () => {
    const rows = rowsOf(stage, 2)
    expect(
      (await importJson(stage, fileOf(stage, rows), '--map', `${stage.project.id}=${other.id}`)).counts,
    ).toMatchObject({
      imported: 2,
    })
    expect([await hashesOf(stage, other), await hashesOf(stage, stage.project)]).toEqual([hexOf(rows), []])
    expect((await jobsOf(stage)).map(({ project }) => project)).toEqual([other.id, other.id])
    expect((await importJson(stage, fileOf(stage, rows))).counts).toMatchObject({ imported: 2, present: 0 })
    const foreign = fileOf(stage, rowsOf(stage, 1)).replaceAll(`"${stage.project.slug}"`, '"elsewhere"')
    expect((await importJson(stage, foreign, '--project', other.id)).counts).toMatchObject({ read: 1 })
  })

  test.for<
    readonly [what: string, words: (id: string) => readonly string[], file: (id: string) => string, failure: RegExp]
  >([
    ['unknown, of all', () => ['--project', '9999'], () => '', /^there is no project 9999$/],
    ['unknown, of a mapping', (id) => ['--map', `${id}=9999`], () => '', /^there is no project 9999$/],
    [
      'unknown here',
      () => [],
      () => headLine([{ id: '77', slug: 'far' }]),
      /^there is no project 77 \(far\): create it, and say which it is here: --map 77=ID/,
    ],
    [
      'of another name',
      () => [],
      (id) => headLine([{ id, slug: 'far' }]),
      /^project 1 \(far\) is shop here: say which/,
    ],
    [
      'larger than any number',
      () => [],
      () => headLine([{ id: '18446744073709551615', slug: 'far' }]),
      /^there is no project 18446744073709551615/,
    ],
    ['both ways', (id) => ['--project', id, '--map', '1=2'], () => '', /^--project says where all goes/],
    ['no mapping', () => ['--map', 'a=b'], () => '', /^--map is OLD=NEW/],
  ])('that are %s are one sentence before anything is imported', async ([, words, file, failure]) => {
    const { id } = stage.project
    const said = await importBytes(
      stage,
      `${file(id)}${rowsOf(stage, 3)
        .map((row) => lineOf(stage, row))
        .join('')}`,
      ...words(id),
    )
    expect(said.failure).toMatch(failure)
    expect(await hashesOf(stage, stage.project)).toEqual([])
  })

  test('being deleted take nothing', async () => {
    await stage.sql`UPDATE project SET status = 'deleting' WHERE id = ${other.id}`
    const said = await importBytes(stage, fileOf(stage, rowsOf(stage, 1)), '--project', other.id)
    await stage.sql`UPDATE project SET status = 'active' WHERE id = ${other.id}`
    expect(said.failure).toBe(`project ${other.id} is being deleted`)
  })
})

describe('what is skipped', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 60 * 60 * 1000)

  test('is older than archives are kept here, or in the project', async () => {
    const rows = [0, 88, 89, 90, 400].map((days) => makeRow(stage.project.id, { receivedAt: daysAgo(days) }))
    expect((await importJson(stage, fileOf(stage, rows))).counts).toMatchObject({
      imported: 3,
      skipped: { expired: 2 },
    })
    await stage.sql`UPDATE project SET retention_days = 7 WHERE id = ${other.id}`
    const short = [6, 7].map((days) => makeRow(stage.project.id, { receivedAt: daysAgo(days) }))
    const { output } = await importBytes(stage, fileOf(stage, short), '--project', other.id)
    await stage.sql`UPDATE project SET retention_days = NULL`
    expect(output.split('\n')).toEqual([
      '2 read: 1 imported, 0 were here already.',
      '1 skipped: older than archives are kept (90 days, ARCHIVE_RETENTION_DAYS).',
    ])
    const [oldest] = await stage.sql`SELECT min(day)::text AS day FROM archive`
    expect(oldest?.day).toBe(addDays(dayOf(new Date()), -89))
  })

  test('was deleted here', async () => {
    const [whole, item, free] = rowsOf(stage, 3)
    if (!whole || !item || !free) throw new Error('there are three')
    for (const [row, index] of [
      [whole, -1],
      [item, 0],
    ] as const) {
      await stage.sql`
        INSERT INTO suppressed (project_id, day, archive_hash, item_index, reason)
        VALUES (${stage.project.id}, ${row.day}, ${row.hash}, ${index}, 'person_erased')`
    }
    expect((await importJson(stage, fileOf(stage, [whole, item, free]))).counts).toMatchObject({
      imported: 2,
      skipped: { suppressed: 1 },
    })
    expect(await hashesOf(stage, stage.project)).toEqual(hexOf([item, free]))
  })

  test('is there without its body, which was erased', async () => {
    const rows = rowsOf(stage, 2)
    await stage.store(rows)
    await stage.sql`UPDATE archive SET body = NULL, erased_at = now()`
    expect((await importJson(stage, fileOf(stage, rows))).counts).toMatchObject({ imported: 0, present: 2 })
    expect(await stage.sql`SELECT FROM archive WHERE body IS NOT NULL`).toHaveLength(0)
  })
})

test('while too many events wait for workers it waits, too', async () => {
  const rows = rowsOf(stage, 2_000)
  await writeFile(`${stage.folder}/many`, fileOf(stage, rows))
  const settings = { ...stage.settings, MAX_QUEUE_EVENTS: 1_200 }
  const errors: string[] = []
  const silent = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const error = vi.spyOn(console, 'error').mockImplementation((text) => errors.push(text))
  const done = importArchivesCommand(['-i', `${stage.folder}/many`], settings)
  await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 60_000 })
  expect(errors[0]).toMatch(/^rumen: \d+ events wait for a worker/)
  expect((await jobsOf(stage)).length).toBeLessThan(2_000)
  const take = setInterval(() => void stage.sql`DELETE FROM pgboss.job`.then(() => stage.sql`DELETE FROM gauge`), 200)
  await done.finally(() => clearInterval(take))
  for (const spy of [silent, error]) spy.mockRestore()
  expect(await hashesOf(stage, stage.project)).toEqual(hexOf(rows))
})
