import { gzipSync } from 'node:zlib'
import { addHours, type HourCount } from '@rumen/db/outcome/add-hours'
import { wasCommitted } from '@rumen/db/outcome/was-committed'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

const NOBODYS_KEY = parsePublicKey('e'.repeat(32))

let stack: Stack
/** Two that are stopped by the first test, and one that tells and writes as much and as often as it can. */
let pair: readonly RoleProcess[]
let loud: RoleProcess

beforeAll(async () => {
  stack = await startStack({ gateways: 2, workers: 0 })
  pair = [...stack.gateways]
  loud = await stack.addGateway({ LOG_LEVEL: 'trace', ANALYTICS_FLUSH_INTERVAL_SECS: '1' })
})

afterAll(() => stack.stop())

interface Line {
  project: string
  outcome: string
  reason: string
  quantity: number
}

async function lines(): Promise<readonly Line[]> {
  return await stack.sql<Line[]>`
    SELECT project_id::text AS project, outcome, reason, sum(quantity)::int AS quantity
    FROM outcome_hour WHERE item_type = 'request' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
}

function urlOf({ port }: RoleProcess): string {
  return `http://127.0.0.1:${port}`
}

interface Sent {
  project: { id: ProjectId; publicKey: PublicKey }
  body: string | Uint8Array<ArrayBuffer>
  headers?: Readonly<Record<string, string>>
  status: number
}

/** Posts everything at once, to the gateways in turn. */
async function post(gateways: readonly RoleProcess[], requests: readonly Sent[]): Promise<void> {
  await Promise.all(
    requests.map(async ({ project, body, headers, status }, at) => {
      const gateway = gateways[at % gateways.length]
      if (!gateway) throw new Error('no gateway')
      const response = await postEnvelope(urlOf(gateway), project, body, headers)
      await response.arrayBuffer()
      expect(response.status).toBe(status)
    }),
  )
}

test('the counts of two gateways, stopped, are what was answered: by project, outcome and reason', async () => {
  const [one, other] = [await addProject(stack, 'One'), await addProject(stack, 'Other')]
  const envelopes = Array.from({ length: 40 }, () => makeEnvelope(makeEvent()))
  const accepted = envelopes.map((body, n) => ({ project: n < 30 ? one : other, body, status: 200 }))
  await post(pair, accepted)
  // Once more, byte by byte, each to the gateway that had it and to the one that had not.
  await post(pair, accepted.slice(0, 10))
  await post(pair.toReversed(), accepted.slice(0, 10))
  const stranger = { id: one.id, publicKey: NOBODYS_KEY }
  await post(pair, [
    ...Array.from({ length: 7 }, () => ({ project: stranger, body: makeEnvelope(makeEvent()), status: 403 })),
    ...Array.from({ length: 3 }, () => ({ project: one, body: 'no envelope', status: 400 })),
    { project: other, body: gzipSync('{}'), headers: { 'content-encoding': 'rot13' }, status: 415 },
  ])
  expect(await Promise.all(pair.map((gateway) => gateway.stop()))).toEqual([0, 0])
  expect(await lines()).toEqual([
    { project: '0', outcome: 'malformed', reason: 'unknown_encoding', quantity: 1 },
    { project: '0', outcome: 'unauthorized', reason: 'unknown_key', quantity: 7 },
    { project: one.id, outcome: 'archived', reason: '', quantity: 30 },
    { project: one.id, outcome: 'malformed', reason: 'bad_envelope_header', quantity: 3 },
    { project: one.id, outcome: 'seen_again', reason: '', quantity: 20 },
    { project: other.id, outcome: 'archived', reason: '', quantity: 10 },
  ])
})

test('the admin port tells the same, and the public port tells neither health in detail nor metrics', async () => {
  const own = await addProject(stack, 'Watched')
  const body = makeEnvelope(makeEvent())
  await post(
    [loud],
    [
      { project: own, body, status: 200 },
      { project: { ...own, publicKey: NOBODYS_KEY }, body, status: 403 },
    ],
  )
  const admin = `http://127.0.0.1:${loud.adminPort}`
  const metrics = await (await fetch(`${admin}/metrics`)).text()
  for (const sample of [
    'rumen_gateway_requests_total{endpoint="envelope",outcome="archived"} 1',
    'rumen_gateway_requests_total{endpoint="envelope",outcome="unauthorized"} 1',
    'rumen_gateway_refusals_total{reason="unknown_key"} 1',
    'rumen_gateway_request_duration_seconds_count 1',
    'rumen_gateway_batch_rows_count 1',
    'rumen_gateway_breaker_state 0',
    'rumen_gateway_partition_days_ahead 14',
    `rumen_gateway_received_bytes_total ${body.length}`,
  ]) {
    expect(metrics.split('\n')).toContain(sample)
  }
  const health = await waitFor('the queue', async () => {
    const read = (await (await fetch(`${admin}/health`)).json()) as { queue: unknown }
    return read.queue !== null && read
  })
  expect(health).toMatchObject({
    // Nobody digests here.
    status: 'degraded',
    role: 'gateway',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    checks: { database: { status: 'ok' }, partitions: { status: 'ok', days_ahead: 14 } },
    queue: { active: 0, dead: 0 },
  })
  expect((await fetch(`${admin}/ready`)).status).toBe(200)
  const [publicHealth, publicMetrics] = await Promise.all([
    fetch(`${urlOf(loud)}/health`),
    fetch(`${urlOf(loud)}/metrics`),
  ])
  expect([publicHealth.status, await publicHealth.json()]).toEqual([200, { status: 'ok' }])
  expect(publicMetrics.status).toBe(404)
})

test('they are written while it runs, in the interval of the settings', async () => {
  const own = await addProject(stack, 'Running')
  await post([loud], [{ project: own, body: makeEnvelope(makeEvent()), status: 200 }])
  const written = await waitFor('the count', async () => (await lines()).find(({ project }) => project === own.id))
  expect(written).toMatchObject({ outcome: 'archived', quantity: 1 })
})

test('labels and logs name no key, no cookie, no query, no header and nothing of a body, however they are sent', async () => {
  const own = await addProject(stack, 'Secret')
  const secrets = [own.publicKey, NOBODYS_KEY, 'hunter2-cookie', 'hunter2-header', 'hunter2-body', 'hunter2-query']
  const headers = {
    cookie: 'session=hunter2-cookie',
    'x-custom': 'hunter2-header',
    'x-sentry-auth': `Sentry sentry_version=7, sentry_client=${NOBODYS_KEY}/1, sentry_key=${own.publicKey}`,
    'x-request-id': 'given-id',
  }
  const bodies = [makeEnvelope(makeEvent({ message: 'hunter2-body' })), '{"event_id":"hunter2-body"', 'hunter2-body']
  for (const key of [own.publicKey, NOBODYS_KEY]) {
    for (const body of bodies) {
      const url = `${urlOf(loud)}/api/${own.id}/envelope/?sentry_release=hunter2-query`
      const auth = headers['x-sentry-auth'].replace(`sentry_key=${own.publicKey}`, `sentry_key=${key}`)
      const response = await fetch(url, { method: 'POST', body, headers: { ...headers, 'x-sentry-auth': auth } })
      await response.arrayBuffer()
      expect(response.headers.get('x-request-id')).toBe('given-id')
    }
  }
  const metrics = await (await fetch(`http://127.0.0.1:${loud.adminPort}/metrics`)).text()
  await waitFor('six lines', () => loud.output().match(/"requestId":"given-id"/g)?.length === 6)
  const output = loud.output()
  for (const secret of secrets) {
    expect(output).not.toContain(secret)
    expect(metrics).not.toContain(secret)
  }
})

test('an answer of nobody is no answer: what became of a transaction is told by its id', async () => {
  const count: HourCount = {
    project_id: stack.project.id,
    hour: new Date(0).toISOString(),
    item_type: 'request',
    outcome: 'archived',
    reason: '',
    quantity: 1,
  }
  let committed = ''
  await addHours(stack.db, [count], (id) => {
    committed = id
  })
  let rolledBack = ''
  const failing = addHours(stack.db, [count], (id) => {
    rolledBack = id
    throw new Error('cut')
  })
  await expect(failing).rejects.toThrow('cut')
  const session = await stack.sql.reserve()
  await session`BEGIN`
  const [open] = await session<{ id: string }[]>`SELECT pg_current_xact_id()::text AS id`
  expect(await wasCommitted(stack.db, committed)).toBe(true)
  expect(await wasCommitted(stack.db, rolledBack)).toBe(false)
  expect(await wasCommitted(stack.db, open?.id ?? '')).toBeNull()
  expect(await wasCommitted(stack.db, '9000000000000'), 'of another history').toBe(false)
  await session`ROLLBACK`
  session.release()
  const [row] = await stack.sql`
    SELECT quantity::int FROM outcome_hour WHERE project_id = ${stack.project.id} AND hour = ${count.hour}`
  expect(row).toEqual({ quantity: 1 })
})

test('what comes for projects that are being deleted, or are gone, counts under nobody’s number', async () => {
  const deleting = await addProject(stack, 'Deleting')
  await stack.sql`UPDATE project SET status = 'deleting' WHERE id = ${deleting.id}`
  const hour = new Date(1).toISOString()
  const rest = { hour, item_type: 'request', outcome: 'archived', reason: '' }
  const counts = [deleting.id, '404', stack.project.id].map((project_id, at) => ({
    ...rest,
    project_id,
    quantity: at + 1,
  }))
  await addHours(stack.db, counts, () => undefined)
  const rows = await stack.sql`
    SELECT project_id, quantity::int FROM outcome_hour WHERE hour = ${hour} ORDER BY project_id`
  expect(rows).toEqual([
    { project_id: '0', quantity: 3 },
    { project_id: stack.project.id, quantity: 3 },
  ])
})
