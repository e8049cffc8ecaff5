import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

let stack: Stack
let gatewayUrl: string

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  const gateway = await stack.addGateway({ FAIR_RATE_PER_PROJECT_PER_SEC: '1', RATE_LIMIT_BURST_MULTIPLIER: '2' })
  gatewayUrl = `http://127.0.0.1:${gateway.port}`
})

afterAll(() => stack?.stop())

async function queued(): Promise<Record<string, number>> {
  const rows = await stack.sql<{ queue: string; jobs: number }[]>`
    SELECT data->>'project_id' || ' ' || name AS queue, count(*)::int AS jobs FROM pgboss.job GROUP BY 1`
  return Object.fromEntries(rows.map(({ queue, jobs }) => [queue, jobs]))
}

test('what one project sends beyond its fair rate waits apart, costs another project nothing, and is digested in the end', async () => {
  const [loud, quiet] = [
    await addProject({ ...stack, gatewayUrl }, 'Loud'),
    await addProject({ ...stack, gatewayUrl }, 'Quiet'),
  ]
  const post = async (project: typeof loud) => {
    const response = await postEnvelope(gatewayUrl, project, makeEnvelope(makeEvent()))
    expect(response.status).toBe(200)
    await response.arrayBuffer()
  }
  const sent = 40
  await Promise.all(Array.from({ length: sent }, () => post(loud)))
  await post(quiet)

  const jobs = await queued()
  expect(jobs[`${quiet.id} digest`]).toBe(1)
  // Two at once are fair, and one more each second that the machine takes for it.
  expect(jobs[`${loud.id} digest`]).toBeLessThan(sent / 2)
  expect((jobs[`${loud.id} digest`] ?? 0) + (jobs[`${loud.id} digest-excess`] ?? 0)).toBe(sent)

  await stack.addWorker()
  await waitForReports(stack, quiet)
  await waitForReports(stack, loud, { count: sent })
})
