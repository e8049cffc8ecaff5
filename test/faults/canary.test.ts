import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Health, readHealth } from '../support/read-health.ts'
import { readMetric } from '../support/read-metric.ts'
import { runCommand } from '../support/start-command.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

// Rumen sends events to itself, through its own public port, and sees whether they arrive.
const INTERVAL_SECS = 2
const CANARY = { CANARY_INTERVAL_SECS: String(INTERVAL_SECS) }
const SEEN_MS_MAX = 60_000

vi.setConfig({ testTimeout: 3 * SEEN_MS_MAX })

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
})

/** Each test begins with nobody running, and what the canary left. */
afterEach(async () => {
  const roles = [...stack.gateways.splice(0), ...stack.workers.splice(0)]
  for (const role of roles) role.signal('SIGCONT')
  await Promise.all(roles.map((role) => role.stop()))
  await stack.sql`DELETE FROM gauge`
  await stack.sql`DELETE FROM pgboss.job`
})

afterAll(() => stack.stop())

async function untilCanaryIs(status: string, role: RoleProcess): Promise<Health> {
  return await waitFor(
    `a canary that is ${status}`,
    async () => {
      const health = await readHealth(role)
      return health.checks.canary?.status === status ? health : null
    },
    SEEN_MS_MAX,
  )
}

async function sent(): Promise<{ projects: number; reports: number; issues: number }> {
  const [row] = await stack.sql<{ projects: number; reports: number; issues: number }[]>`
    SELECT
      (SELECT count(*)::int FROM project WHERE is_hidden) AS projects,
      (SELECT count(*)::int FROM report JOIN project ON project.id = project_id AND is_hidden) AS reports,
      (SELECT count(*)::int FROM issue JOIN project ON project.id = project_id AND is_hidden) AS issues`
  if (!row) throw new Error('no row')
  return row
}

test('it arrives, from one gateway at a time, in a project nobody is shown', async () => {
  const [gateway, other] = await Promise.all([
    stack.addGateway(CANARY),
    stack.addGateway(CANARY),
    stack.addWorker(CANARY),
  ])
  await untilCanaryIs('ok', gateway)
  await untilCanaryIs('ok', other)
  const before = await sent()
  const startMs = Date.now()
  await waitFor('more of them', async () => (await sent()).reports >= before.reports + 3)
  const { projects, reports, issues } = await sent()
  expect({ projects, issues }).toEqual({ projects: 1, issues: 1 })
  const intervals = (Date.now() - startMs) / 1000 / INTERVAL_SECS
  expect(reports - before.reports, 'two gateways send no more than one').toBeLessThanOrEqual(intervals + 2)
  const { canary } = (await readHealth(gateway)).checks
  expect(canary?.visible_ms).toBeGreaterThan(0)
  expect(canary?.visible_ms).toBeLessThan(30_000)
  expect(await readMetric(other, 'rumen_gateway_canary_visible_seconds')).toBeGreaterThan(0)

  const listed = await runCommand(['project', 'list', '--json'], stack.databaseUrl, {
    environment: { GATEWAY_PORT: '3000' },
  })
  expect(JSON.parse(listed.output)).toMatchObject([{ id: stack.project.id }])
  const status = await runCommand(['status', '--json'], stack.databaseUrl, { environment: CANARY })
  expect(JSON.parse(status.output)).toMatchObject({ checks: { canary: { status: 'ok' } } })
})

test('limits of projects do not refuse it', async () => {
  const limits = {
    RATE_LIMIT_PER_PROJECT_PER_SEC: '1',
    RATE_LIMIT_PER_KEY_PER_SEC: '1',
    RATE_LIMIT_BURST_MULTIPLIER: '1',
  }
  const [gateway] = await Promise.all([stack.addGateway({ ...CANARY, ...limits }), stack.addWorker()])
  await untilCanaryIs('ok', gateway)
  const [row] = await stack.sql`
    SELECT project.rate_limit_per_sec AS project, project_key.rate_limit_per_sec AS key,
      coalesce(quota_per_minute, quota_per_hour, quota_per_month) AS quota
    FROM project JOIN project_key ON project_id = id WHERE is_hidden`
  expect(row).toEqual({ project: 0, key: 0, quota: null })
})

test('when workers stand still it is failing within a minute, and well again when they go on', async () => {
  const [gateway, worker] = await Promise.all([stack.addGateway(CANARY), stack.addWorker()])
  await untilCanaryIs('ok', gateway)
  worker.signal('SIGSTOP')
  const health = await untilCanaryIs('failing', gateway)
  expect(health).toMatchObject({ code: 200, status: 'degraded' })
  expect(health.checks.canary?.message).toMatch(/was taken, and was not visible 30 s later/)
  expect(health.checks.canary?.advice).toMatch(/workers/)
  const status = await runCommand(['status'], stack.databaseUrl, { environment: CANARY })
  expect([status.code, status.output]).toEqual([1, expect.stringMatching(/canary +FAILING/)])
  worker.signal('SIGCONT')
  await untilCanaryIs('ok', gateway)
})

test('when the gateway refuses what comes, it says with what', async () => {
  const gateway = await stack.addGateway({ ...CANARY, MAX_QUEUE_EVENTS: '1' })
  await postEnvelope(`http://127.0.0.1:${gateway.port}`, stack.project, makeEnvelope(makeEvent()))
  const health = await waitFor(
    'the refusal',
    async () => {
      const read = await readHealth(gateway)
      return read.checks.canary?.message?.includes('refused with 429') ? read : null
    },
    2 * SEEN_MS_MAX,
  )
  expect(health.checks.canary).toMatchObject({ status: 'failing', advice: expect.stringMatching(/overloaded/) })
})

test('a key that was revoked is replaced', async () => {
  await stack.sql`UPDATE project_key SET revoked_at = now() WHERE project_id IN (SELECT id FROM project WHERE is_hidden)`
  const [gateway] = await Promise.all([stack.addGateway(CANARY), stack.addWorker()])
  await untilCanaryIs('ok', gateway)
})
