import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Health, readHealth } from '../support/read-health.ts'
import { readMetric } from '../support/read-metric.ts'
import { runCommand } from '../support/start-command.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

// What the operator is promised: a worker that stopped is seen within a minute, wherever somebody looks.
const SEEN_MS_MAX = 60_000

vi.setConfig({ testTimeout: 5 * SEEN_MS_MAX })

let stack: Stack
let gateway: RoleProcess
let survivor: RoleProcess
/** What is done to it is what the tests are about. */
let victim: RoleProcess

beforeAll(async () => {
  stack = await startStack({ workers: 2 })
  const [[first], [one, other]] = [stack.gateways, stack.workers]
  if (!first || !one || !other) throw new Error('not everything was started')
  ;[gateway, survivor, victim] = [first, one, other]
  await allIsWell()
})

afterAll(() => stack.stop())

const nameOf = ({ pid }: RoleProcess) => `${hostname()}:${pid}`

/** `rumen status --json`, with its exit code. */
async function status(): Promise<Health> {
  const { code, output, errors } = await runCommand(['status', '--json'], stack.databaseUrl)
  expect(errors).toBe('')
  const report: Omit<Health, 'code'> = JSON.parse(output)
  return { ...report, code: code ?? -1 }
}

async function allIsWell(): Promise<void> {
  await waitFor(
    'two workers that are well',
    async () => {
      const { code, checks } = await readHealth(survivor)
      return code === 200 && checks.workers?.status === 'ok' && checks.workers.alive === 2
    },
    SEEN_MS_MAX,
  )
  // The processes are well; of the disk a test database has nothing to say.
  expect((await status()).checks.workers).toMatchObject({ status: 'ok', alive: 2, dead: [], stuck: [] })
  await waitFor('a gateway that knows', async () => (await readHealth(gateway)).checks.workers?.status === 'ok')
}

/** Whoever is asked names it within a minute, and each answers for itself. */
async function isMissed(missed: RoleProcess): Promise<void> {
  const dead = [nameOf(missed)]
  const seen = await waitFor(
    'the other worker to turn red',
    async () => {
      const health = await readHealth(survivor)
      return health.code === 503 ? health : null
    },
    SEEN_MS_MAX,
  )
  expect(seen).toMatchObject({ status: 'unavailable', checks: { workers: { status: 'failing', alive: 1, dead } } })
  expect(seen.checks.workers?.message).toMatch(`worker ${nameOf(missed)} was last heard of`)
  expect(seen.checks.workers?.advice).toContain('start it again')
  const told = await waitFor('the gateway to say so', async () => {
    const health = await readHealth(gateway)
    return health.checks.workers?.status === 'failing' ? health : null
  })
  expect(told).toMatchObject({ code: 200, status: 'degraded', checks: { workers: { dead } } })
  expect(await readMetric(survivor, 'rumen_worker_processes{role="worker",state="dead"}')).toBe(1)
  expect(await status()).toMatchObject({ code: 1, status: 'failing', checks: { workers: { status: 'failing', dead } } })
  const words = await runCommand(['status'], stack.databaseUrl)
  expect([words.code, words.output]).toEqual([1, expect.stringMatching(/^Rumen needs you: .*workers/)])
  expect(words.output).toMatch(new RegExp(`workers +FAILING +worker ${nameOf(missed)} was last heard of`))
}

test('a suspended worker is missed within a minute, and well again when it goes on', async () => {
  victim.signal('SIGSTOP')
  await isMissed(victim)
  victim.signal('SIGCONT')
  await allIsWell()
})

test('a killed worker is missed within a minute, until one that is started takes its place', async () => {
  victim.signal('SIGKILL')
  await victim.exited
  await isMissed(victim)
  victim = await stack.addWorker()
  await allIsWell()
})

test('a worker that was told to stop is not missed', async () => {
  expect(await victim.stop()).toBe(0)
  const rows = await stack.sql`SELECT pid FROM process WHERE role = 'worker'`
  expect(rows).toEqual([{ pid: survivor.pid }])
  expect((await status()).checks.workers).toMatchObject({ status: 'ok', alive: 1, dead: [] })
  expect((await readHealth(survivor)).code).toBe(200)
})

test('a dead letter is visible in status, in metrics and in health, and so is that it is gone', async () => {
  await stack.sql`INSERT INTO pgboss.job (name, data) VALUES ('digest-dead', '{"project_id": "1"}')`
  const seen = await waitFor('the dead letter', async () => {
    const [own, others] = await Promise.all([readHealth(survivor), readHealth(gateway)])
    return own.checks.dead_letters?.dead === 1 && others.checks.dead_letters?.dead === 1 ? [own, others] : null
  })
  for (const health of seen) {
    expect(health).toMatchObject({
      code: 200,
      status: 'degraded',
      checks: { dead_letters: { status: 'failing', message: '1 event could not be digested, time and again' } },
      queue: { dead: 1 },
    })
  }
  expect(await readMetric(survivor, 'rumen_worker_queue_dead')).toBe(1)
  expect(await readMetric(gateway, 'rumen_gateway_queue_dead')).toBe(1)
  expect(await readMetric(gateway, 'rumen_gateway_check{check="dead_letters"}')).toBe(2)
  expect(await status()).toMatchObject({ code: 1, checks: { dead_letters: { status: 'failing', dead: 1 } } })
  await stack.sql`DELETE FROM pgboss.job WHERE name = 'digest-dead'`
  expect((await status()).checks.dead_letters).toMatchObject({ status: 'ok' })
  await waitFor('health to be well', async () => (await readHealth(survivor)).checks.dead_letters?.status === 'ok')
})

test('when the last worker is killed it is said that nobody digests', async () => {
  survivor.signal('SIGKILL')
  await survivor.exited
  const seen = await waitFor(
    'the gateway to say so',
    async () => {
      const health = await readHealth(gateway)
      return health.checks.workers?.status === 'failing' ? health : null
    },
    SEEN_MS_MAX,
  )
  expect(seen).toMatchObject({ code: 200, status: 'degraded', checks: { workers: { alive: 0 } } })
  expect(seen.checks.workers?.message).toMatch(/^no worker is running/)
  expect(await status()).toMatchObject({ code: 1, checks: { workers: { status: 'failing', alive: 0 } } })
})

test('status says so when the database is away, and ends with 1', async () => {
  const away = 'postgres://127.0.0.1:1/away'
  const words = await runCommand(['status'], away)
  expect(words).toMatchObject({ code: 1, errors: '' })
  expect(words.output).toMatch(/^Rumen needs you: database\n/)
  expect(words.output).toMatch(/the database does not answer: .*ECONNREFUSED/)
  const json = await runCommand(['status', '--json'], away)
  expect([json.code, JSON.parse(json.output)]).toMatchObject([
    1,
    { status: 'failing', checks: { database: { status: 'failing' } } },
  ])
})
