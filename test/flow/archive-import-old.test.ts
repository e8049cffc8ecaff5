import { readFile, writeFile } from 'node:fs/promises'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { expireRows } from '@rumen/db/retention/expire-rows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { digestOf } from '../support/digest-of.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { runCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'

// Events so old that nobody remembers whether they were seen.

const DAYS = 90
const RETENTION = { reportDays: DAYS, archiveDays: DAYS, sessionDays: DAYS, ledgerDays: DAYS, dedupeDays: 30 }
const OLD_DAYS = 40
/** What is digested today is not known any more by then. */
const LATER = new Date(Date.now() + 31 * 24 * 60 * 60 * 1000)

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let stack: Stack
let folder: TemporaryFolder

beforeAll(async () => {
  stack = await startStack()
  folder = await temporaryFolder('rumen-old-')
})

afterAll(async () => {
  await stack.stop()
  await folder.remove()
})

async function rumen(line: string): Promise<string> {
  const { code, output, errors } = await runCommand(line, stack.databaseUrl)
  expect([code, errors]).toEqual([0, ''])
  return output.trim()
}

/** The export of what was received of one event in these bytes, as if that had been so many days ago. */
async function exportOf(name: string, body: string, daysAgo: number): Promise<string> {
  const source = await addProject(stack, name)
  expect((await postEnvelope(stack.gatewayUrl, source, body)).status).toBe(200)
  await digestOf(stack, source)
  const file = `${folder.path}/${source.slug}.jsonl`
  await rumen(`archive export -o ${file} --project ${source.id}`)
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  const shifted = lines.map((text) => {
    const { crc32: _, ...line } = JSON.parse(text)
    if (line.day === undefined) return text
    const day = addDays(line.day, -daysAgo)
    return JSON.stringify({ ...line, day, received_at: line.received_at.replace(line.day, day) })
  })
  await writeFile(file, `${shifted.join('\n')}\n`)
  return file
}

async function importInto({ id }: AddedProject, file: string) {
  return JSON.parse(await rumen(`archive import -i ${file} --project ${id} --json`))
}

test('an event that has a report is not counted again when it is imported after it was forgotten that it was seen', async () => {
  const event = makeEvent({ release: 'shop@1' })
  const file = [{ type: 'attachment', filename: 'a.txt' }, { of: 'it' }].map((line) => JSON.stringify(line))
  const once = [makeEnvelope(event), ...file].join('\n')
  const again = makeEnvelope(makeEvent({ ...event, extra: { sent: 'again' } }))
  const first = await exportOf('First', once, OLD_DAYS)
  const second = await exportOf('Second', again, OLD_DAYS - 1)
  const target = await addProject(stack, 'Target')
  expect(await importInto(target, first)).toMatchObject({ imported: 1, faults: 0 })
  expect((await digestOf(stack, target)).outcomes).toEqual({ 'event stored': 1, 'attachment stored': 1 })

  await expireRows(stack.db, { retention: RETENTION, now: LATER })
  expect(await stack.sql`SELECT FROM seen WHERE project_id = ${target.id}`).toEqual([])
  // The same bytes where the archive is lost, and other bytes of another day.
  await stack.sql`DELETE FROM archive WHERE project_id = ${target.id}`
  for (const exported of [first, second]) {
    expect(await importInto(target, exported)).toMatchObject({ imported: 1, faults: 0 })
    await digestOf(stack, target)
  }
  const { reports, outcomes } = await digestOf(stack, target)
  expect(reports).toMatchObject([{ event_id: event.event_id }])
  expect(dayOf(new Date(reports[0]?.received_at))).toBe(addDays(dayOf(new Date()), -OLD_DAYS))
  expect(outcomes).toEqual({ 'event stored': 1, 'attachment stored': 1, 'event duplicate': 1 })
  expect(await recount(stack.sql, target)).toEqual([])
})
