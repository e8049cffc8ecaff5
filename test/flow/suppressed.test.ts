import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { findIssue } from '@rumen/db/issue/find-issue'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { digestOf, itemRowsOf } from '../support/digest-of.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { runCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(async () => {
  await stack.stop()
})

test('what was deleted with its issue is filtered when its archive is digested again, and the rest of the archive is not', async () => {
  const project = await addProject(stack, 'Shop')
  const event = makeEvent()
  const feedback = { event_id: event.event_id, comments: 'it broke' }
  const body = [makeEnvelope(event), ...[{ type: 'user_report' }, feedback].map((line) => JSON.stringify(line))].join(
    '\n',
  )
  await postEnvelope(stack.gatewayUrl, project, body)
  expect((await digestOf(stack, project)).reports).toHaveLength(1)
  const issue = await findIssue(stack.db, { slug: project.slug, number: 1 })
  if (!issue) throw new Error('there is no issue')
  await deleteIssue(stack.db, issue)
  // As if it had come so long ago that nobody remembers its id.
  await stack.sql`DELETE FROM seen`
  await stack.sql`DELETE FROM feedback`
  await stack.sql`
    INSERT INTO pgboss.job (name, data)
    SELECT 'digest', jsonb_build_object('project_id', project_id::text, 'day', day::text, 'hash', encode(hash, 'hex'))
    FROM archive WHERE project_id = ${project.id}`
  const { reports, outcomes } = await digestOf(stack, project)
  expect(reports).toEqual([])
  expect(outcomes).toEqual({ 'event stored': 1, 'event filtered': 1, 'user_report stored': 2 })
  expect(await itemRowsOf(stack, project, 'feedback')).toHaveLength(1)
  const reasons = await stack.sql`SELECT reason FROM outcome WHERE project_id = ${project.id} AND outcome = 'filtered'`
  expect(reasons).toEqual([{ reason: 'issue_deleted' }])
  const issues = await stack.sql`SELECT number FROM issue WHERE project_id = ${project.id}`
  expect(issues).toEqual([])
})

test('who asks where an erased event is learns that its user may have been erased', async () => {
  const project = await addProject(stack, 'Where')
  const event = makeEvent({ user: { id: 'ada-1815-12-10' } })
  await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event))
  await digestOf(stack, project)
  await runCommand(`person erase ada-1815-12-10 --project ${project.id} --yes`, stack.databaseUrl)
  const said = await runCommand(`where ${event.event_id}`, stack.databaseUrl)
  expect(said.output).toMatch(/removed since: .*its user erased/)
})
