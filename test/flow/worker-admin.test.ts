import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { readHealth } from '../support/read-health.ts'
import { readMetric } from '../support/read-metric.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

let stack: Stack
let worker: RoleProcess

beforeAll(async () => {
  stack = await startStack()
  const [only] = stack.workers
  if (!only) throw new Error('no worker')
  worker = only
})

afterAll(() => stack.stop())

async function number(name: string): Promise<number> {
  return (await readMetric(worker, `rumen_worker_${name}`)) ?? Number.NaN
}

test('what a worker did is counted and timed, and told to the others', async () => {
  const event = makeEvent()
  const bodies = [makeEnvelope(event), makeEnvelope(event, { again: true }), makeEnvelope(makeEvent())]
  for (const body of bodies) expect((await postEnvelope(stack.gatewayUrl, stack.project, body)).status).toBe(200)
  await waitForReports(stack, stack.project, { count: 2 })
  await waitFor('all of them', async () => (await number('jobs_settled_total')) === 3)
  expect(await number('jobs_claimed_total')).toBe(3)
  expect(await number('items_total{outcome="stored"}')).toBe(2)
  expect(await number('items_total{outcome="duplicate"}')).toBe(1)
  expect(await number('attempts_total')).toBe(0)
  expect(await number('batches_total')).toBeGreaterThanOrEqual(1)
  expect(await number('batch_duration_seconds_count')).toBe(await number('batches_total'))
  expect(await number('time_to_visible_seconds_count'), 'a duplicate is not seen').toBe(2)
  const told = await waitFor('what the others are told', async () => {
    const [row] = await stack.sql`
      SELECT digested::int, per_second, visible_median_ms, visible_slow_ms FROM process WHERE role = 'worker'`
    return row?.digested === 3 ? row : null
  })
  expect(told.per_second).toBeGreaterThan(0)
  expect(told.visible_median_ms).toBeGreaterThan(0)
  expect(told.visible_slow_ms).toBeGreaterThanOrEqual(told.visible_median_ms)
})

test('an event that waited counts with all of it, and one of long ago does not', async () => {
  const [count, sum] = await Promise.all([
    number('time_to_visible_seconds_count'),
    number('time_to_visible_seconds_sum'),
  ])
  for (const role of stack.workers) role.signal('SIGSTOP')
  for (const hours of [2, 25]) {
    const body = makeEnvelope(makeEvent())
    expect((await postEnvelope(stack.gatewayUrl, stack.project, body)).status).toBe(200)
    await stack.sql`
      UPDATE archive SET received_at = received_at - make_interval(hours => ${hours})
      WHERE received_at = (SELECT max(received_at) FROM archive)`
  }
  for (const role of stack.workers) role.signal('SIGCONT')
  await waitFor('all of them', async () => (await number('jobs_settled_total')) === 5)
  expect(await number('time_to_visible_seconds_count')).toBe(count + 1)
  expect((await number('time_to_visible_seconds_sum')) - sum).toBeGreaterThanOrEqual(2 * 3600)
})

test('it is ready and well, and knows the gateway', async () => {
  const health = await waitFor('a worker that knows everybody', async () => {
    const read = await readHealth(worker)
    return read.checks.gateways?.status === 'ok' && read.queue !== null ? read : null
  })
  expect(health).toMatchObject({
    code: 200,
    checks: { database: { status: 'ok' }, workers: { status: 'ok', alive: 1 }, partitions: { status: 'ok' } },
    queue: { waiting: 0, dead: 0 },
  })
  expect((await fetch(`http://127.0.0.1:${worker.adminPort}/ready`)).status).toBe(200)
})

test('a worker that finds its port taken does not start, and says which variable to set', async () => {
  const taken = stack.addWorker({ WORKER_ADMIN_PORT: String(worker.adminPort) })
  await expect(taken).rejects.toThrow(
    `rumen worker: port ${worker.adminPort} is taken: set WORKER_ADMIN_PORT to another`,
  )
})
