import { hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { readSettings, type Settings } from '@rumen/config/read-settings'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { type FlushClient, openFlushClient } from '@rumen/db/archive/open-flush-client'
import { type Connection, connect } from '@rumen/db/connect'
import { moveGrouping } from '@rumen/db/grouping-config/move-grouping'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const TODAY = dayOf(new Date())
const TOMORROW = addDays(TODAY, 1)

let database: DatabaseClone
let connection: Connection
let client: FlushClient
let settings: Settings
let folder: string
/** Grouped as any new one, and by rules. */
let plain: ProjectId
let ruled: ProjectId

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  client = await openFlushClient(database.url, (error) => {
    throw error
  })
  folder = await mkdtemp(join(tmpdir(), 'rumen-test-explain-'))
  plain = (await createProject(connection.db, { name: 'Plain' })).id
  ruled = (await createProject(connection.db, { name: 'Ruled' })).id
  const rules = 'file:cart.py -> ignore\n\nmessage:*cart* -> title="A cart \u202e"'
  await moveGrouping(connection.db, { projectId: ruled, given: { rules }, adoptsUntil: null, now: new Date() })
})

afterAll(async () => {
  await client.end()
  await connection.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

const frames = [
  { function: 'run', filename: 'django/core/handlers.py', lineno: 45, in_app: false },
  { function: 'view', filename: 'shop/views.py', lineno: 7, in_app: true },
  { function: 'pay', filename: 'shop/cart.py', lineno: 12, in_app: true },
]
const event = {
  event_id: 'a0b1c2d3e4f5467889abcdef01234567',
  platform: 'python',
  exception: { values: [{ type: 'CartError', value: 'no cart 17 \u001b[2J', stacktrace: { frames } }] },
}
const json = JSON.stringify(event)
const logs = { items: [{ level: 'error', body: 'disk full', timestamp: 1 }] }
const envelope = [
  ...['{}', '{"type":"event"}', json, '{"type":"event"}', json],
  ...['{"type":"log","item_count":1}', JSON.stringify(logs), '{"type":"session"}', '{}'],
].join('\n')

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Has a body kept as the gateway keeps it, and gives the hash of the archive. */
async function keep(projectId: ProjectId, body: string, { day = TODAY, hashed = '' } = {}): Promise<string> {
  const bytes = gzipSync(body)
  const given = hash('sha256', bytes)
  const row: ArchiveRow = {
    ...{
      projectId,
      day,
      hash: Buffer.from(hashed + given.slice(hashed.length), 'hex'),
      eventId: null,
      receivedAt: new Date(),
    },
    ...{
      endpoint: 'envelope',
      contentType: null,
      encoding: 'gzip',
      clientIp: null,
      userAgent: null,
      sentryClient: null,
    },
    ...{ queryRelease: null, queryEnvironment: null, wireBytes: bytes.length, body: bytes },
  }
  await insertArchives(client, [row])
  return row.hash.toString('hex')
}

/** Title and key of each event. */
async function keysOf(line: string): Promise<string[]> {
  const { events }: { events: { title: string; key: string }[] } = JSON.parse(await rumen(`${line} --json`))
  return events.map(({ title, key }) => `${title}: ${key}`)
}

const NO_DATABASE = 'postgres://127.0.0.1:1/none'
/** Which part of a path stands in a key is the mechanism's business. */
const EVENT = expect.stringMatching(/^CartError: no cart 17 .\[2J: CartError ⋄ pay in [a-z/]*cart\.py$/)

describe('a file is explained without a database', () => {
  beforeAll(() => {
    settings = readSettings({ DATABASE_URL: NO_DATABASE })
  })
  afterAll(() => {
    settings = readSettings({ DATABASE_URL: database.url })
  })

  test.for([
    ['event.json', json],
    ['pretty.json', `\ufeff\n${JSON.stringify(event, null, 2)}\n`],
    ['event.json.gz', gzipSync(json)],
    ['gzip-by-its-bytes', gzipSync(json)],
    ['event.json.zst', zstdCompressSync(json)],
    ['zstd-by-its-bytes', zstdCompressSync(json)],
    ['event.json.BR', brotliCompressSync(json)],
    [
      'envelope-with-length',
      `{"event_id":"${event.event_id}"}\n{"length":${Buffer.byteLength(json)},"type":"event"}\n${json}`,
    ],
    ['envelope.gz', gzipSync(`{}\n{"type":"event"}\n${json}`)],
    ['store', Buffer.from(Buffer.from(json).toString('base64'))],
    ['raven', Buffer.from(deflateSync(json).toString('base64'))],
  ] as const)('%s', async ([name, content]) => {
    const file = await write(name, typeof content === 'string' ? content : Buffer.from(content))
    expect(await keysOf(`group explain ${file}`)).toEqual([EVENT])
  })

  test('in words, a line for each component, that keep a terminal whole', async () => {
    const lines = (await rumen(`group explain ${await write('event', json)}`)).split('\n')
    expect(lines.slice(0, 7)).toEqual([
      `event\t${event.event_id}`,
      'title\tCartError: no cart 17  [2J',
      'culprit\tshop/cart.py in pay',
      'grouped by\tv1, stack',
      expect.stringMatching(/^key\tCartError ⋄ pay in [a-z/]*cart\.py$/),
      expect.stringMatching(/^hash\t[0-9a-f]{64}$/),
      '',
    ])
    expect(lines.slice(7)).toEqual([
      expect.stringMatching(/^type {3}CartError +← CartError +the \w/),
      expect.stringMatching(/^frame {2}pay in [a-z/]*cart\.py {2}← pay, shop\/cart\.py:12 +where it broke$/),
      expect.stringMatching(/^frame {2}– +← view, shop\/views\.py:7 +\w/),
      expect.stringMatching(/^frame {2}– +← run, django\/core\/handlers\.py:45 {2}\w/),
    ])
    const places = (mark: RegExp) => new Set(lines.slice(7).map((line) => line.search(mark)))
    expect([places(/\S/), places(/(?<=^\S+ +)\S/), places(/←/), places(/\S+( \S+)*$/)].map(({ size }) => size)).toEqual(
      [1, 1, 1, 1],
    )
  })

  test('all events of an envelope, and what is rejected', async () => {
    const file = await write('envelope', envelope)
    expect(await keysOf(`group explain ${file}`)).toEqual([EVENT, 'disk full: Log Message: disk full'])
    const { rejected } = JSON.parse(await rumen(`group explain ${file} --json`))
    expect(rejected).toEqual([
      { item_index: 1, item_type: 'event', code: 'second_event', message: expect.any(String) },
      { item_index: 3, item_type: 'session', code: 'bad_session', message: expect.any(String) },
    ])
    const blocks = (await rumen(`group explain ${file}`)).split('\n\n')
    expect(blocks).toHaveLength(5)
    expect(blocks[4]).toMatch(
      /^item 1 \(event\) is rejected: second_event, .*\nitem 3 \(session\) is rejected: bad_session/,
    )
  })

  test('and one that holds no event says so', async () => {
    const none = await write('session', '{}\n{"type":"client_report"}\n{"discarded_events":[]}')
    expect(await rumen(`group explain ${none}`)).toBe('There is no event in it.')
    const broken = await write('broken', '{"platform": "python", ')
    expect(await rumen(`group explain ${broken}`)).toMatch(
      /^There is no event in it\.\n\nitem \(envelope\) is rejected: /,
    )
  })
})

describe('an archive is explained by the rules of its project', () => {
  test('found by its hash, or the beginning of it', async () => {
    const stored = await keep(plain, envelope)
    for (const word of [stored, stored.slice(0, 8).toUpperCase(), stored.slice(0, 9)]) {
      expect(await keysOf(`group explain ${word}`)).toEqual([EVENT, 'disk full: Log Message: disk full'])
    }
  })

  test('which a file can be explained by as well', async () => {
    const stored = await keep(ruled, `{}\n{"type":"event"}\n${json}`)
    const file = await write('event', json)
    for (const word of [stored, `${file} --project ${ruled}`]) {
      expect(await keysOf(`group explain ${word}`)).toEqual([
        expect.stringMatching(/^A cart \u202e: CartError ⋄ view in [a-z/]*views\.py$/),
      ])
      const lines = (await rumen(`group explain ${word}`)).split('\n')
      expect(lines[1]).toBe('title\tA cart  \trule line 3')
      expect(lines.at(-1)).toMatch(/^frame {2}– +← pay, shop\/cart\.py:12 +rule line 1 takes it out$/)
    }
  })

  test('and where several begin like that, each is named', async () => {
    const [first, second] = [
      await keep(plain, '{}\n{}', { hashed: 'abababab0' }),
      await keep(ruled, '{}', { hashed: 'abababab1' }),
    ]
    const asked = rumen('group explain abababab')
    await expect(asked).rejects.toThrow(CommandError)
    await expect(asked).rejects.toThrow(
      `which archive abababab? there are several:\n  ${first} --project ${plain} --day ${TODAY}\n` +
        `  ${second} --project ${ruled} --day ${TODAY}`,
    )
    expect(await keysOf(`group explain abababab --project ${ruled}`)).toEqual([])
    expect(await keysOf('group explain abababab1')).toEqual([])
  })

  test('the same on two days is told apart by its day', async () => {
    const stored = await keep(plain, `${envelope}\n`)
    await keep(plain, `${envelope}\n`, { day: TOMORROW })
    await expect(rumen(`group explain ${stored}`)).rejects.toThrow(`--day ${TOMORROW}`)
    expect(await keysOf(`group explain ${stored} --day ${TOMORROW}`)).toHaveLength(2)
  })

  test('of more than are worth a look only some are named', async () => {
    for (let n = 0; n < 12; n++) await keep(plain, `{}\n${n}`, { hashed: `cdcdcdcd${n.toString(16)}` })
    const error = await rumen('group explain cdcdcdcd').catch((thrown: unknown) => thrown)
    expect(String(error).split('\n')).toHaveLength(12)
    expect(String(error)).toMatch(/\n {2}…$/)
  })

  test('one that was erased is gone', async () => {
    const stored = await keep(plain, '{}\n{"type":"event"}\n{"message":"secret"}')
    await connection.sql`UPDATE archive SET body = NULL WHERE hash = decode(${stored}, 'hex')`
    await expect(rumen(`group explain ${stored}`)).rejects.toThrow(
      new CommandError(`archive ${stored} of ${TODAY} is gone`),
    )
  })

  test('and by rules this version does not know, it is not', async () => {
    const { id } = await createProject(connection.db, { name: 'Newer' })
    await moveGrouping(connection.db, { projectId: id, given: { mechanism: 'v9' }, adoptsUntil: null, now: new Date() })
    await expect(rumen(`group explain ${await write('event', json)} --project ${id}`)).rejects.toThrow(
      new CommandError(`project ${id} is grouped by rules of a newer version of Rumen`),
    )
  })
})

test.for([
  ['group explain', 'ARCHIVE_HASH or FILE is missing'],
  [`group explain ${'0'.repeat(64)}`, `there is no archive ${'0'.repeat(64)}`],
  ['group explain abcdef12 --day 2026-02-30', '--day is a UTC day like 2030-01-31'],
  ['group explain abcdef12 --day tomorrow', '--day is a UTC day like 2030-01-31'],
  ['group explain abcdef12 --project shop', "not a project's number: shop"],
  ['group explain abcdef1', 'abcdef1 cannot be read: ENOENT'],
  // Any file that is there: the tests run in the root of the checkout, whose own path may have a space.
  ['group explain package.json --day 2026-01-01', '--day is for an archive of the database'],
  ['group explain package.json --project 999999', 'there is no project 999999'],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  const running = rumen(line)
  await expect(running).rejects.toThrow(CommandError)
  await expect(running).rejects.toThrow(sentence)
})
