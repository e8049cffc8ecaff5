import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { digestOf } from '../support/digest-of.ts'
import { ADA, BOB, textsOf, tracesIn, tracesOf, userOf } from '../support/person-traces.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { runCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'

// Whoever was erased is in nothing that is read again afterwards: archives here, and files from before.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

/** What both leave, each in archives of their own. */
const BODIES = [...tracesOf(ADA, 'Shared'), ...tracesOf(BOB, 'Shared')].length / 2

let stack: Stack
let folder: TemporaryFolder

beforeAll(async () => {
  stack = await startStack()
  folder = await temporaryFolder('rumen-person-')
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

async function send(project: AddedProject, body: string): Promise<void> {
  const response = await postEnvelope(stack.gatewayUrl, project, body)
  expect([response.status, await response.text()]).toEqual([200, expect.anything()])
}

/** An event of Bob's in one envelope with a session of Ada's: erased as a whole, of which his report stays. */
function sharedEnvelope(): string {
  const started = new Date()
  const session = { sid: crypto.randomUUID(), did: ADA.id, started, timestamp: started, attrs: { release: 'shop@1' } }
  const event = makeEvent({ user: userOf(BOB), release: 'shop@1', exception: { values: [{ type: 'OneEnvelope' }] } })
  return [makeEnvelope(event), JSON.stringify({ type: 'session' }), JSON.stringify(session)].join('\n')
}

async function fill(name: string): Promise<AddedProject> {
  const project = await addProject(stack, name)
  for (const body of [...tracesOf(ADA, 'Shared'), ...tracesOf(BOB, 'Shared'), sharedEnvelope()])
    await send(project, body)
  await digestOf(stack, project)
  expect(await tracesIn(stack, project, ADA)).not.toEqual([])
  return project
}

/** All but the notes of what was imported or ruminated, sorted. */
async function contentOf(project: AddedProject): Promise<readonly string[]> {
  const texts = await textsOf(stack, project)
  return texts
    .filter(([table]) => table !== 'rumination')
    .map((one) => one.join(' '))
    .toSorted()
}

async function usersOf({ id }: AddedProject): Promise<readonly string[]> {
  const rows = await stack.sql<{ user_id: string }[]>`SELECT user_id FROM analytics.reports WHERE project_id = ${id}`
  return rows.map(({ user_id }) => user_id)
}

test('ruminating a project brings nothing of an erased person back, and takes nothing of anybody else away', async () => {
  const project = await fill('Ruminated')
  await rumen(`person erase ${ADA.email} --project ${project.id} --yes`)
  const before = await contentOf(project)
  expect(await usersOf(project)).toEqual([BOB.id, BOB.id, BOB.id, BOB.id])
  await rumen(`ruminate --project ${project.id} --yes --json`)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
  expect(await contentOf(project)).toEqual(before)
  expect(await recount(stack.sql, project)).toEqual([])
})

test('an export from before the erasure brings nothing of the person back', async () => {
  const project = await fill('Imported')
  const file = `${folder.path}/before.jsonl.zst`
  await rumen(`archive export -o ${file} --project ${project.id}`)
  await rumen(`person erase ${ADA.email} --project ${project.id} --yes`)
  const before = await contentOf(project)
  const all = { read: 2 * BODIES + 1, imported: 0, faults: 0 }
  const importAgain = async () => JSON.parse(await rumen(`archive import -i ${file} --project ${project.id} --json`))
  const gone = BODIES + 1
  expect(await importAgain()).toMatchObject({ ...all, present: BODIES, skipped: { suppressed: gone } })
  expect(await contentOf(project)).toEqual(before)

  // As if the archives had been lost and were brought back from the file.
  await stack.sql`DELETE FROM archive WHERE project_id = ${project.id}`
  expect(await importAgain()).toMatchObject({ ...all, imported: BODIES, present: 0, skipped: { suppressed: gone } })
  await digestOf(stack, project)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
  expect(await usersOf(project)).toEqual([BOB.id, BOB.id, BOB.id, BOB.id])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('nor does one from which an issue of theirs was left out that had been deleted', async () => {
  const project = await fill('Rewritten')
  const [issue] = await stack.sql`
    SELECT number::int FROM issue WHERE project_id = ${project.id} AND type = 'OneEnvelope'`
  await rumen(`issue delete ${project.slug}-${issue?.number} --yes`)
  const file = `${folder.path}/rewritten.jsonl.zst`
  const exported = JSON.parse(await rumen(`archive export -o ${file} --project ${project.id} --json`))
  expect(exported).toMatchObject({ archives: 2 * BODIES + 1, rewritten: 1 })
  await rumen(`person erase ${ADA.email} --project ${project.id} --yes`)
  await rumen(`archive import -i ${file} --project ${project.id} --json`)
  await digestOf(stack, project)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
})
