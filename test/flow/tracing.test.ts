import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'

let collector: Collector
let stack: Stack
let gateway: RoleProcess
let worker: RoleProcess

beforeAll(async () => {
  collector = await startCollector()
  stack = await startStack({ gateways: 0, workers: 0 })
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  gateway = await stack.addGateway(traced)
  worker = await stack.addWorker(traced)
})

afterAll(async () => {
  await stack?.stop()
  await collector?.close()
})

/** Posts an event, waits for its report, and gives the spans of its trace once both processes have sent theirs. */
async function traceOf(headers: Readonly<Record<string, string>>, body?: string): Promise<readonly CollectedSpan[]> {
  const before = collector.spans.length
  const event = makeEvent()
  const url = `http://127.0.0.1:${gateway.port}`
  const { status } = await postEnvelope(url, stack.project, body ?? makeEnvelope(event), headers)
  if (status === 200) {
    await waitFor('its report', async () => {
      return (await stack.sql`SELECT FROM analytics.reports WHERE event_id = ${event.event_id}`).length === 1
    })
  }
  const wanted = status === 200 ? ['keep', 'digest', 'digest batch'] : ['POST envelope']
  await waitFor('its spans', () => {
    const names = collector.spans.slice(before).map(({ name }) => name)
    return wanted.every((name) => names.includes(name)) && names.includes('POST envelope')
  })
  return collector.spans.slice(before)
}

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`no span is called ${name}`)
  return found
}

test('a request and its digest are one trace, which goes on that of the caller', async () => {
  const spans = await traceOf({ traceparent: `00-${TRACE}-${CALLER}-01` })
  const [request, keep, digest] = [named(spans, 'POST envelope'), named(spans, 'keep'), named(spans, 'digest')]
  expect(request).toMatchObject({ service: 'rumen-gateway', traceId: TRACE, parentSpanId: CALLER })
  expect(request.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'rumen.endpoint': 'envelope',
    'rumen.project_id': String(stack.project.id),
    'rumen.kept': 'archived',
  })
  expect(keep).toMatchObject({ traceId: TRACE, parentSpanId: request.spanId })
  expect(digest).toMatchObject({ service: 'rumen-worker', traceId: TRACE, parentSpanId: request.spanId })
  const batch = named(spans, 'digest batch')
  expect(batch.links).toMatchObject([{ traceId: TRACE, spanId: request.spanId }])
  expect(digest.links).toMatchObject([{ traceId: batch.traceId, spanId: batch.spanId }])
})

test('without a caller a trace begins here, and no key stands in it', async () => {
  const spans = await traceOf({})
  const [request, digest] = [named(spans, 'POST envelope'), named(spans, 'digest')]
  expect(request.traceId).not.toBe(TRACE)
  expect(digest.traceId).toBe(request.traceId)
  expect(JSON.stringify(spans)).not.toContain(stack.project.publicKey)
})

test('a refused request says why', async () => {
  const [request] = await traceOf({}, 'no envelope')
  expect(request?.attributes).toMatchObject({ 'http.response.status_code': 400, 'rumen.refused': expect.any(String) })
})

test('what a caller does not record is not recorded, and no job carries it', async () => {
  const event = makeEvent()
  await worker.stop()
  const url = `http://127.0.0.1:${gateway.port}`
  const headers = { traceparent: `00-${TRACE.replace('4', '5')}-${CALLER}-00` }
  await postEnvelope(url, stack.project, makeEnvelope(event), headers)
  const [job] = await stack.sql<{ data: object }[]>`SELECT data FROM pgboss.job WHERE name = 'digest'`
  expect(job?.data).not.toHaveProperty('traceparent')
  await traceAfterStop()
  expect(collector.spans.some(({ traceId }) => traceId === TRACE.replace('4', '5'))).toBe(false)
})

test('of the traces that begin here as many are recorded as is asked for, of those of callers all', async () => {
  const before = collector.spans.length
  gateway = await stack.addGateway({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' })
  const url = `http://127.0.0.1:${gateway.port}`
  const traceId = TRACE.replace('4', '6')
  for (const headers of [{}, { traceparent: `00-${traceId}-${CALLER}-01` }]) {
    expect((await postEnvelope(url, stack.project, makeEnvelope(makeEvent()), headers)).status).toBe(200)
  }
  await traceAfterStop()
  expect(new Set(collector.spans.slice(before).map((span) => span.traceId))).toEqual(new Set([traceId]))
})

/** A process that stops sends what it has. */
async function traceAfterStop(): Promise<void> {
  await gateway.stop()
}

test('a collector that is away costs nothing but a line in the log', async () => {
  await collector.close()
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  gateway = await stack.addGateway(traced)
  worker = await stack.addWorker(traced)
  const event = makeEvent()
  const { status } = await postEnvelope(`http://127.0.0.1:${gateway.port}`, stack.project, makeEnvelope(event))
  expect(status).toBe(200)
  await waitForReports(stack, stack.project, { count: 6 })
  expect(await gateway.stop()).toBe(0)
  expect(await worker.stop()).toBe(0)
  expect(gateway.output()).toContain('traces could not be sent')
  collector = await startCollector()
}, 120_000)
