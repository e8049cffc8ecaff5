import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { createProject } from '@rumen/db/project/create-project'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { parseEnvelope } from '@rumen/protocol/envelope'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ArchiveStage, makeRow, openArchiveStage, type Said, say } from '../../fixtures/archive-stage.ts'
import { exportArchivesCommand } from './export.ts'
import { inflateInput } from './inflate-input.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stage: ArchiveStage
let file: string

beforeAll(async () => {
  stage = await openArchiveStage()
  file = `${stage.folder}/out.jsonl`
})

afterEach(async () => {
  await stage.sql`TRUNCATE archive, suppressed`
  for (const end of ['', '.part', '.part.json', '.zst', '.gz']) await rm(`${file}${end}`, { force: true })
})

afterAll(() => stage.remove())

async function run(...words: string[]): Promise<Said> {
  return await say(exportArchivesCommand, words, stage.settings)
}

interface Exported {
  head: unknown
  lines: readonly Record<string, unknown>[]
  end: unknown
}

function linesOf(bytes: Buffer): Exported {
  const [head, ...lines] = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { head, lines: lines.slice(0, -1), end: lines.at(-1) }
}

async function exported(...words: string[]): Promise<Exported> {
  const { failure, errors } = await run('-o', file, ...words)
  expect([failure, errors]).toEqual([null, []])
  return linesOf(await readFile(file))
}

const hashesOf = ({ lines }: Exported) => lines.map(({ hash }) => hash)
const hexOf = (rows: readonly ArchiveRow[]) => rows.map(({ hash }) => hash.toString('hex'))
const DAY_MS = 24 * 60 * 60 * 1000

/** So many, the last one received now, a second between two of them unless said. */
function rowsOf(count: number, gapMs = 1_000): ArchiveRow[] {
  const nowMs = Date.now()
  return Array.from({ length: count }, (_, at) =>
    makeRow(stage.project.id, { receivedAt: new Date(nowMs - (count - 1 - at) * gapMs) }),
  )
}

describe('what is written', () => {
  test('of an empty database is a first line and a last one', async () => {
    expect(await exported()).toEqual({
      ...{ head: { rumen_archives: 1, projects: [] }, lines: [] },
      end: { rumen_archives: 1, count: 0 },
    })
  })

  test('is all an archive has', async () => {
    const at = new Date(Date.now() - 60_000)
    const text = at.toISOString().replace('Z', '789Z')
    const row = makeRow(stage.project.id, {
      ...{
        receivedAt: at,
        receivedAtText: text,
        endpoint: 'minidump',
        contentType: 'text/plain',
        clientIp: '203.0.113.7',
      },
      ...{
        userAgent: 'agent',
        sentryClient: 'sdk/1',
        queryRelease: 'shop@1',
        queryEnvironment: 'live',
        wireBytes: 4711,
      },
    })
    await stage.store([row])
    const { head, lines, end } = await exported()
    expect([head, end]).toEqual([
      { rumen_archives: 1, projects: [{ id: stage.project.id, slug: stage.project.slug }] },
      { rumen_archives: 1, count: 1 },
    ])
    expect(lines).toEqual([
      {
        ...{
          rumen_archive: 1,
          project_id: stage.project.id,
          project: 'shop',
          day: row.day,
          hash: row.hash.toString('hex'),
        },
        ...{ event_id: null, received_at: text, endpoint: 'minidump', content_type: 'text/plain', encoding: 'gzip' },
        ...{ client_ip: '203.0.113.7', user_agent: 'agent', sentry_client: 'sdk/1', query_release: 'shop@1' },
        ...{ query_environment: 'live', wire_bytes: 4711, body: row.body.toString('base64') },
        crc32: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ])
  })

  test('is in the order of receipt, each once, however many came in the same moment', async () => {
    const days = [rowsOf(30, 2 * 60 * 60 * 1000), rowsOf(2_300, 0)].flat()
    await stage.store(days)
    const { lines } = await exported()
    const order = lines.map(({ received_at: at, project_id: project, hash }) => `${at} ${project} ${hash}`)
    expect(order).toEqual(order.toSorted())
    expect(hashesOf({ head: null, lines, end: null }).toSorted()).toEqual(hexOf(days).toSorted())
  })

  test('is of the project and the days that are asked for', async () => {
    const other = await createProject(stage.db, { name: 'Other' })
    const rows = rowsOf(4, DAY_MS)
    const foreign = makeRow(other.id)
    await stage.store([...rows, foreign])
    const [, since = '', until = ''] = rows.map(({ day }) => day)
    expect(hashesOf(await exported('--project', stage.project.id))).toEqual(hexOf(rows))
    await rm(file)
    expect(hashesOf(await exported('--since', since, '--until', until))).toEqual(hexOf(rows.slice(1, 3)))
    expect((await run('-o', `${file}.x`, '--project', '9999')).failure).toBe('there is no project 9999')
    expect((await run('--since', '2026-02-31')).failure).toBe('--since is a UTC day like 2030-01-31')
    expect((await run('--resume')).failure).toBe('--resume goes with -o FILE')
    expect(existsSync(`${file}.x.part`)).toBe(false)
  })

  test('is nothing of Rumen’s own project, of one that is being deleted, and of what was erased', async () => {
    const [own, deleted] = [
      await createProject(stage.db, { name: 'Own' }),
      await createProject(stage.db, { name: 'Gone' }),
    ]
    await stage.sql`UPDATE project SET is_hidden = true WHERE id = ${own.id}`
    await stage.sql`UPDATE project SET status = 'deleting' WHERE id = ${deleted.id}`
    const [erased, kept] = rowsOf(2)
    if (!erased || !kept) throw new Error('there are two')
    await stage.store([makeRow(own.id), makeRow(deleted.id), erased, kept])
    await stage.sql`UPDATE archive SET body = NULL, erased_at = now() WHERE hash = ${erased.hash}`
    const all = await exported()
    expect(hashesOf(all)).toEqual(hexOf([kept]))
    expect(all.head).toMatchObject({ projects: [{ id: stage.project.id }] })
  })

  test('is compressed as the name of the file says', async () => {
    await stage.store(rowsOf(3))
    const plain = await exported()
    for (const end of ['.gz', '.zst']) expect((await run('-o', `${file}${end}`)).failure).toBeNull()
    expect(linesOf(gunzipSync(await readFile(`${file}.gz`)))).toEqual(plain)
    expect(linesOf(await inflated(`${file}.zst`))).toEqual(plain)
    expect((await readFile(`${file}.zst`)).toString('hex', 0, 4)).toBe('28b52ffd')
  })

  test('is not what is damaged: it is named, and the end is an error', async () => {
    const [good, bad] = rowsOf(2)
    if (!good || !bad) throw new Error('there are two')
    await stage.store([good, bad])
    await stage.sql`UPDATE archive SET body = set_byte(body, 12, (get_byte(body, 12) + 1) % 256) WHERE hash = ${bad.hash}`
    const { failure, errors } = await run('-o', file)
    expect(errors).toEqual([
      expect.stringContaining(`archive ${bad.hash.toString('hex')} of project ${stage.project.id}`),
    ])
    expect(failure).toBe('1 archives are damaged and were left out')
    expect(hashesOf(linesOf(await readFile(file)))).toEqual(hexOf([good]))
  })
})

async function inflated(name: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of inflateInput(Readable.from([await readFile(name)]))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('what was deleted does not leave the house:', () => {
  async function suppress({ projectId, day, hash }: ArchiveRow, ...items: number[]): Promise<void> {
    for (const item of items) {
      await stage.sql`
        INSERT INTO suppressed (project_id, day, archive_hash, item_index, reason)
        VALUES (${projectId}, ${day}, ${hash}, ${item}, 'issue_deleted')`
    }
  }
  const envelope = (...items: string[]) =>
    gzipSync(['{"sent_at":"2026-01-01T00:00:00Z","trace":{"a":"ü"}}', ...items].join('\n'))
  const EVENT = '{"type":"event"}\n{"message":"secret"}'
  const SESSION = '{"type":"session","extra":1}\n{"sid":"x"}'

  test('whole archives, and those of which nothing is left', async () => {
    const whole = makeRow(stage.project.id)
    const only = makeRow(stage.project.id, { body: envelope(EVENT) })
    const event = makeRow(stage.project.id, { endpoint: 'store', body: gzipSync('{"message":"secret"}') })
    const cut = makeRow(stage.project.id, { body: envelope(SESSION, EVENT, '{"type":"attachment","length":99}\nx') })
    const kept = makeRow(stage.project.id)
    await stage.store([whole, only, event, cut, kept])
    await suppress(whole, -1)
    await suppress(only, 0)
    await suppress(event, 0)
    await suppress(cut, 1)
    const { output } = await run('-o', file)
    expect(output.split('\n')[1]).toBe('4 left out: what is in them was deleted.')
    expect(hashesOf(linesOf(await readFile(file)))).toEqual(hexOf([kept]))
  })

  test('items beside others, which go on under another hash', async () => {
    const row = makeRow(stage.project.id, { body: envelope(EVENT, SESSION, EVENT), queryRelease: 'shop@1' })
    await stage.store([row])
    await suppress(row, 0, 2)
    const { output } = await run('-o', file, '--json')
    expect(JSON.parse(output)).toMatchObject({ archives: 1, rewritten: 1, suppressed: 0 })
    const { lines } = linesOf(await readFile(file))
    const [line] = lines
    expect(line).toMatchObject({ encoding: 'zstd', query_release: 'shop@1' })
    expect(line?.hash).not.toBe(row.hash.toString('hex'))
    const body = decode(Buffer.from(`${line?.body}`, 'base64'), parseContentEncoding(`${line?.encoding}`), 1e6)
    expect(body.toString().split('\n')[0]).toBe('{"sent_at":"2026-01-01T00:00:00Z","trace":{"a":"ü"}}')
    expect(parseEnvelope(body).items.map(({ type, headers, payload }) => [type, headers.extra, `${payload}`])).toEqual([
      ['session', 1, '{"sid":"x"}'],
    ])
  })
})

describe('a file', () => {
  test('that is there is not written over, whatever is said', async () => {
    await writeFile(file, 'mine')
    for (const words of [[], ['--resume']]) {
      expect((await run('-o', file, ...words)).failure).toBe(`${file} is there already`)
    }
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  test('has its name when it is whole, and what helped to write it is gone', async () => {
    await stage.store(rowsOf(2))
    await writeFile(`${file}.part`, 'half a li')
    expect((await run('-o', file)).failure).toContain(`${file}.part is there`)
    expect(hashesOf(await exported('--resume'))).toHaveLength(2)
    expect([`${file}.part`, `${file}.part.json`].filter(existsSync)).toEqual([])
  })
})
