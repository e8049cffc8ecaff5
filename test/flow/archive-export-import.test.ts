import { readFile } from 'node:fs/promises'
import { type Connection, connect } from '@rumen/db/connect'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { comparableViews } from '../support/comparable-views.ts'
import { peakMemoryMiB } from '../support/peak-memory.ts'
import { sendEverything } from '../support/send-everything.ts'
import { startCommand } from '../support/start-command.ts'
import { type RoleProcess, startRole } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

// What an instance has received goes into an empty one, and both say the same. RUMEN_TEST_ARCHIVES=100000 does it with as many.

const EVENTS = Number(process.env.RUMEN_TEST_ARCHIVES ?? 1_500)
/** Slow machines digest a few hundred a second, twice. */
const MS_MAX = 240_000 + EVENTS * 20
/** What a command may hold at its peak, however many archives go through it. */
const PEAK_MIB_MAX = 400

vi.setConfig({ testTimeout: MS_MAX, hookTimeout: MS_MAX })

let source: Stack
let empty: DatabaseClone
let target: Connection
let worker: RoleProcess
let folder: TemporaryFolder
let file: string

beforeAll(async () => {
  folder = await temporaryFolder('rumen-archives-')
  file = `${folder.path}/all.jsonl.zst`
  source = await startStack()
  empty = await testDatabase()
  target = connect(empty.url, { poolSize: 1, name: 'test' })
  worker = await startRole('worker', empty.url)
  await sendEverything(source, { eventsCount: EVENTS })
  await digested(source)
})

afterAll(async () => {
  await worker?.stop()
  await source?.stop()
  await target?.close()
  await empty?.drop()
  await folder?.remove()
})

async function digested({ sql }: Pick<Connection, 'sql'>): Promise<void> {
  await waitFor(
    'the digest',
    async () => (await sql`SELECT FROM pgboss.job WHERE name LIKE 'digest%' LIMIT 1`).length === 0,
    MS_MAX,
  )
}

/** Runs a command to its end and says how long it took and what it held. */
async function measured(words: readonly string[], databaseUrl: string) {
  const startMs = performance.now()
  const { child, ended } = startCommand(words, databaseUrl)
  let peakMiB = 0
  const look = setInterval(async () => {
    peakMiB = Math.max(peakMiB, (await peakMemoryMiB(child.pid ?? 0)) ?? 0)
  }, 50)
  const end = await ended.finally(() => clearInterval(look))
  const seconds = (performance.now() - startMs) / 1000
  if (process.env.RUMEN_TEST_ARCHIVES !== undefined) {
    process.stdout.write(`${words.slice(0, 2).join(' ')}: ${seconds.toFixed(1)} s, peak ${peakMiB.toFixed(0)} MiB\n`)
  }
  return { ...end, peakMiB }
}

/** The same projects, and nothing else: what was received makes the rest. */
async function copyProjects(): Promise<number> {
  const projects = await source.sql`SELECT id::text AS id, slug, name FROM project WHERE NOT is_hidden`
  await target.sql`
    WITH given AS (SELECT * FROM json_to_recordset(${JSON.stringify(projects)}::text::json) AS g(id bigint, slug text, name text)),
      made AS (INSERT INTO project (id, slug, name) OVERRIDING SYSTEM VALUE SELECT id, slug, name FROM given RETURNING id),
      counted AS (INSERT INTO project_counter (project_id) SELECT id FROM made)
    INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM made`
  return projects.length
}

/** Rows that stand on one side only, the first few. */
function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [one, other] = [new Set(before), new Set(after)]
  const lost = before.filter((row) => !other.has(row)).map((row) => `lost ${row}`)
  const gained = after.filter((row) => !one.has(row)).map((row) => `gained ${row}`)
  const sizes = before.length === after.length ? [] : [`${before.length} rows, then ${after.length}`]
  return [...sizes, ...lost.slice(0, 3), ...gained.slice(0, 3)]
}

test('an empty instance that gets all archives of another says the same in every view', async () => {
  const [count] = await source.sql<{ archives: number }[]>`SELECT count(*)::int AS archives FROM archive`
  const exported = await measured(['archive', 'export', '-o', file, '--json'], source.databaseUrl)
  expect([exported.errors, exported.code]).toEqual(['', 0])
  const { bytes, ...said } = JSON.parse(exported.output)
  expect(said).toEqual({ archives: count?.archives, rewritten: 0, suppressed: 0, damaged: 0, file })
  expect((await readFile(file)).length).toBe(bytes)

  // Nobody is there for them yet, and nothing is imported.
  const early = await measured(['archive', 'import', '-i', file], empty.url)
  expect([early.code, early.output]).toEqual([1, ''])
  expect(early.errors).toMatch(/^rumen: there is no project \d+ \([a-z0-9-]+\): create it, and say which it is here/)
  expect(await target.sql`SELECT FROM archive`).toHaveLength(0)

  await copyProjects()
  const imported = await measured(['archive', 'import', '-i', file, '--json'], empty.url)
  expect([imported.errors, imported.code]).toEqual(['', 0])
  const all = { read: count?.archives, present: 0, skipped: { expired: 0, suppressed: 0 }, faults: 0 }
  expect(JSON.parse(imported.output)).toEqual({ ...all, imported: count?.archives })

  await digested(target)
  const [before, after] = await Promise.all([comparableViews(source), comparableViews(target)])
  expect(Object.keys(after)).toEqual(Object.keys(before))
  expect(before.reports?.length).toBeGreaterThanOrEqual(EVENTS)
  for (const [view, rows] of Object.entries(before)) {
    expect({ view, differences: differences(rows, after[view] ?? []) }).toEqual({ view, differences: [] })
  }

  const again = await measured(['archive', 'import', '-i', file, '--json'], empty.url)
  expect(JSON.parse(again.output)).toEqual({ ...all, imported: 0, present: count?.archives })
  for (const { peakMiB } of [exported, imported, again]) expect(peakMiB).toBeLessThan(PEAK_MIB_MAX)
})
