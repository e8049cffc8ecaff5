import { addDays, dayOf } from '@rumen/db/partition/day'
import { openDropper } from '@rumen/db/partition/open-dropper'
import { PARTITIONED_TABLES } from '@rumen/db/partition/partitioned-tables'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type ArchiveStage, makeRow, openArchiveStage } from '../../fixtures/archive-stage.ts'
import { hashesOf, hexOf, lineOf, NONE } from '../../fixtures/import-file.ts'
import { type ImportDatabase, openImportDatabase } from './import-database.ts'
import { importArchives } from './import-run.ts'
import { openTargets, readMapping } from './targets.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const DAY_MS = 24 * 60 * 60 * 1000
const DAYS = 90

let stage: ArchiveStage
let database: ImportDatabase

beforeAll(async () => {
  stage = await openArchiveStage()
})

beforeEach(async () => {
  database = await openImportDatabase(stage, { waitingMax: Infinity, onWait: () => undefined, dedupeDays: 30 })
})

afterEach(async () => {
  await database.close()
  await stage.sql`TRUNCATE archive`
  await stage.sql`DELETE FROM pgboss.job`
})

afterAll(() => stage.remove())

const rowOf = (daysAgo: number) => makeRow(stage.project.id, { receivedAt: new Date(Date.now() - daysAgo * DAY_MS) })

/** As the retention does it. */
async function dropDay(day: string): Promise<void> {
  const dropper = openDropper(stage.url)
  for (const table of PARTITIONED_TABLES) await dropper.drop({ table, day })
  await dropper.close()
}

test('an archive of a day that was dropped since the import began is no damaged one', async () => {
  const [first, second, today] = [rowOf(DAYS - 1), rowOf(DAYS - 1), rowOf(0)]
  const incoming = (row: typeof first) => ({ row, wholeHash: null, priority: 0 })
  expect(await database.keep([incoming(first)])).toEqual(['imported'])
  await dropDay(first.day)
  expect(await database.keep([incoming(second), incoming(today)])).toEqual(['expired', 'imported'])
  expect(await hashesOf(stage, stage.project)).toEqual(hexOf([today]))
})

test('what is the oldest day when the import begins is over after midnight', async () => {
  const [first, second] = [rowOf(DAYS - 1), rowOf(DAYS - 1)]
  let now = new Date()
  async function* lines() {
    yield { number: 1, bytes: Buffer.from(lineOf(stage, first).trim()) }
    now = new Date(now.getTime() + DAY_MS)
    yield { number: 2, bytes: Buffer.from(lineOf(stage, second).trim()) }
  }
  const counts = await importArchives({
    ...{ database, lines: lines(), limits: stage.settings, archiveDays: DAYS, now: () => now },
    targets: await openTargets(stage.db, readMapping(stage.project.id, undefined)),
    onFault: (reason) => expect.unreachable(reason),
    onProgress: () => undefined,
  })
  expect(counts).toEqual({ ...NONE, read: 2, imported: 1, skipped: { expired: 1, suppressed: 0 } })
  const [kept] = await stage.sql`SELECT day::text AS day FROM archive`
  expect(kept?.day).toBe(addDays(dayOf(new Date()), 1 - DAYS))
})
