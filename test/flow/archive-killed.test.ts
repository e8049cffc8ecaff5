import { hash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { insertArchives } from '@rumen/db/archive/insert-archives'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { type Connection, connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openGate } from '../database/statement-gate.ts'
import { peakMemoryMiB } from '../support/peak-memory.ts'
import { runCommand, startCommand } from '../support/start-command.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'

// What happens to a long export or import: it is killed, its disk lies, nobody reads it, or reads it slowly.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const DAY_MS = 24 * 60 * 60 * 1000
const DAYS = 3
/** A day is more than one block of a file. */
const PER_DAY = 60
const BODY_BYTES = 512 * 1024
const SMALL = 1_600

let database: DatabaseClone
let source: Connection
let big: NewProject
let small: NewProject
let folder: TemporaryFolder
const hashes: string[] = []

beforeAll(async () => {
  folder = await temporaryFolder('rumen-archives-killed-')
  database = await testDatabase()
  source = connect(database.url, { poolSize: 2, name: 'test' })
  big = await createProject(source.db, { name: 'Big' })
  small = await createProject(source.db, { name: 'Small' })
  const client = await openFlushClient(database.url, (error) => {
    throw error
  })
  const nowMs = Date.now()
  for (let day = DAYS - 1; day >= 0; day--) {
    await createDay(source.sql, dayOf(new Date(nowMs - day * DAY_MS)))
    for (let at = 0; at < PER_DAY; at++) {
      const row = rowOf(big, randomBytes(BODY_BYTES), new Date(nowMs - day * DAY_MS + at))
      hashes.push(row.hash.toString('hex'))
      await insertArchives(client, [row])
    }
  }
  const rows = Array.from({ length: SMALL }, (_, at) => rowOf(small, randomBytes(64), new Date(nowMs + at)))
  await insertArchives(client, rows)
  await client.end()
})

afterAll(async () => {
  await source?.close()
  await database?.drop()
  await folder?.remove()
})

function rowOf({ id }: NewProject, bytes: Buffer, receivedAt: Date): ArchiveRow {
  // Plain as far as the export goes: it never looks into a body.
  const body = Buffer.concat([Buffer.from('{}\n'), bytes])
  return {
    ...{ projectId: id, day: dayOf(receivedAt), hash: hash('sha256', body, 'buffer'), eventId: null, receivedAt },
    ...{ endpoint: 'envelope', contentType: null, encoding: '', clientIp: null, userAgent: null, sentryClient: null },
    ...{ queryRelease: null, queryEnvironment: null, wireBytes: body.length, body },
  }
}

function linesIn(bytes: Buffer): { hash?: string; count?: number }[] {
  return bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('an export that is killed goes on where it was, and its file is the one it would have been', async () => {
  const file = `${folder.path}/killed.jsonl.gz`
  const words = ['archive', 'export', '-o', file, '--project', big.id]
  const gate = await openGate(database.url)
  const reached = gate.closeAt({
    application: 'rumen archive export',
    statement: /DECLARE archive_key/,
    following: /CLOSE ALL/,
    at: 'call',
  })
  const { child, ended } = startCommand(words, gate.url)
  await Promise.race([reached, ended])
  child.kill('SIGKILL')
  expect((await ended).code).toBeNull()
  await gate.remove()
  expect([existsSync(file), existsSync(`${file}.part.json`)]).toEqual([false, true])
  // What was under way when it was killed, and more than there is to come.
  await appendFile(`${file}.part`, randomBytes((DAYS - 1) * PER_DAY * BODY_BYTES * 2))

  const plain = await runCommand(words, database.url)
  expect([plain.code, plain.errors]).toEqual([1, expect.stringContaining('--resume goes on with it')])
  const other = await runCommand([...words, '--since', '2026-01-01', '--resume'], database.url)
  expect([other.code, other.errors]).toEqual([1, expect.stringContaining('is of other projects or days')])

  const resumed = await runCommand([...words, '--resume', '--json'], database.url)
  expect([resumed.code, resumed.errors]).toEqual([0, ''])
  expect(JSON.parse(resumed.output)).toMatchObject({ archives: hashes.length })
  const [, ...lines] = linesIn(gunzipSync(await readFile(file)))
  expect(lines.slice(0, -1).map((line) => line.hash)).toEqual(hashes)
  expect(lines.at(-1)).toEqual({ rumen_archives: 1, count: hashes.length })
  expect([`${file}.part`, `${file}.part.json`].filter(existsSync)).toEqual([])
})

test('what was changed meanwhile is not gone on with', async () => {
  const file = `${folder.path}/changed.jsonl`
  const words = ['archive', 'export', '-o', file, '--project', big.id]
  const gate = await openGate(database.url)
  const reached = gate.closeAt({
    application: 'rumen archive export',
    statement: /DECLARE archive_key/,
    following: /CLOSE ALL/,
    at: 'call',
  })
  const { child, ended } = startCommand(words, gate.url)
  await Promise.race([reached, ended])
  child.kill('SIGKILL')
  await ended
  await gate.remove()
  const part = await readFile(`${file}.part`)
  const { bytes } = JSON.parse(await readFile(`${file}.part.json`, 'utf8'))
  part.writeUInt8((part.readUInt8(bytes - 10) + 1) % 256, bytes - 10)
  await writeFile(`${file}.part`, part)
  const { code, errors } = await runCommand([...words, '--resume'], database.url)
  expect([code, errors]).toEqual([1, expect.stringContaining('is not as it was left')])
})

test('an import that is killed, even between its COMMIT and the answer, is finished by the next one', async () => {
  const file = `${folder.path}/small.jsonl.zst`
  const exported = await runCommand(['archive', 'export', '-o', file, '--project', small.id], database.url)
  expect(exported.errors).toBe('')
  const target = await testDatabase()
  const { sql, db, close } = connect(target.url, { poolSize: 1, name: 'test' })
  const project = await createProject(db, { name: 'Moved' })
  const words = ['archive', 'import', '-i', file, '--project', project.id, '--json']
  const gate = await openGate(target.url)
  const application = 'rumen archive import flush'
  const reached = gate.closeAt({ application, statement: /^COMMIT/, following: /^COMMIT/, at: 'answer' })
  const { child, ended } = startCommand(words, gate.url)
  await Promise.race([reached, ended])
  child.kill('SIGKILL')
  expect((await ended).code).toBeNull()
  await gate.remove()
  const [half] = await sql<{ count: number }[]>`SELECT count(*)::int FROM archive`
  expect(half?.count).toBe(1_000)

  const { code, errors, output } = await runCommand(words, target.url)
  expect([code, errors]).toEqual([0, ''])
  expect(JSON.parse(output)).toMatchObject({ read: SMALL, imported: SMALL - 1_000, present: 1_000 })
  const [all] = await sql`
    SELECT (SELECT count(*)::int FROM archive) AS archives, count(*)::int AS jobs, count(DISTINCT data->>'hash')::int AS different
    FROM pgboss.job`
  expect(all).toEqual({ archives: SMALL, jobs: SMALL, different: SMALL })
  await close()
  await target.drop()
})

test('a reader that takes its time gets everything, and costs no memory', async () => {
  const streams: Readable[] = []
  const { child, ended } = startCommand(['archive', 'export', '--project', big.id], database.url, {
    reader: (stream) => streams.push(stream),
  })
  let [bytes, peakMiB] = [0, 0]
  const parts: Buffer[] = []
  for (const stream of streams) {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk)
      parts.push(part)
      bytes += part.length
      if (parts.length % 200 !== 0) continue
      // Slower than it is written, whatever the machine.
      await delay(20)
      peakMiB = Math.max(peakMiB, (await peakMemoryMiB(child.pid ?? 0)) ?? 0)
    }
  }
  const { code, errors } = await ended
  expect([code, errors]).toEqual([0, `${hashes.length} archives.\n`])
  const [, ...lines] = linesIn(Buffer.concat(parts))
  expect(lines.slice(0, -1).map((line) => line.hash)).toEqual(hashes)
  // All of it is 124 MiB of text.
  expect(bytes).toBeGreaterThan(120 * 1024 * 1024)
  expect(peakMiB).toBeLessThan(360)
})

test('a reader that leaves ends it without a word', async () => {
  const { ended } = startCommand(['archive', 'export', '--project', big.id], database.url, {
    reader: (stream) => stream.once('data', () => stream.destroy()),
  })
  expect(await ended).toEqual({ code: 141, output: '', errors: '' })
})

test('a stream goes from one instance into the other', async () => {
  const target = await testDatabase()
  const { sql, db, close } = connect(target.url, { poolSize: 1, name: 'test' })
  const project = await createProject(db, { name: 'Moved' })
  const streams: Readable[] = []
  const out = startCommand(['archive', 'export', '--project', big.id], database.url, {
    reader: (stream) => streams.push(stream),
  })
  const [input] = streams
  if (!input) throw new Error('there is one')
  const into = await runCommand(['archive', 'import', '--project', project.id, '--json'], target.url, { input })
  expect(await out.ended).toMatchObject({ code: 0 })
  expect(into).toMatchObject({ code: 0, errors: '' })
  expect(JSON.parse(into.output)).toMatchObject({ imported: hashes.length, faults: 0 })
  const rows = await sql`SELECT encode(hash, 'hex') AS hash FROM archive ORDER BY received_at`
  expect(rows.map((row) => row.hash)).toEqual(hashes)
  await close()
  await target.drop()
})
