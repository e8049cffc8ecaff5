import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { postOne } from '../support/post-steadily.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { readMetric } from '../support/read-metric.ts'
import { createReleasers } from '../support/releasers.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { readDoorBooks } from './door-books.ts'

const KiB = 1024
const CUT_COUNT = 20
const SENT_BYTES = 512 * KiB

const releasers = createReleasers()
let stack: Stack
let gateway: RoleProcess
let gatewayUrl: string

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  gateway = await stack.addGateway({ ANALYTICS_FLUSH_INTERVAL_SECS: '1' })
  gatewayUrl = `http://127.0.0.1:${gateway.port}`
})

afterAll(releasers.releaseAll)

const bytesInFlight = () => readMetric(gateway, 'rumen_gateway_bytes_in_flight')

/** Whole as an envelope, and not as a body: another line was to follow. */
const envelope = () => Buffer.from(makeEnvelope(makeEvent(), { trace: 'x'.repeat(SENT_BYTES) }))

interface Cut {
  headers: Readonly<Record<string, string>>
  body: Buffer
}

const CUTS: readonly [how: string, cut: (bytes: Buffer) => Cut][] = [
  ['announced its length', (body) => ({ headers: { 'Content-Length': `${body.length + 1}` }, body })],
  [
    'came in chunks',
    (bytes) => ({
      headers: { 'Transfer-Encoding': 'chunked' },
      body: Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
    }),
  ],
]

test.each(CUTS)(
  'a body that %s and was cut is nobody’s event, and its memory is given back',
  async (_how, cut) => {
    const path = `/api/${stack.project.id}/envelope/?sentry_key=${stack.project.publicKey}`
    const [before] = await stack.sql<[{ count: number }]>`SELECT count(*)::int FROM archive`
    const { refused } = await readDoorBooks(stack.sql)
    const connections = await Promise.all(Array.from({ length: CUT_COUNT }, () => openRawConnection(gatewayUrl)))
    for (const connection of connections) {
      const { headers, body } = cut(envelope())
      connection.write(rawPost(path, headers, body))
    }
    await waitFor('the bodies to be held', async () => ((await bytesInFlight()) ?? 0) >= CUT_COUNT * SENT_BYTES)
    for (const connection of connections) connection.close()

    await waitFor('the memory to be given back', async () => (await bytesInFlight()) === 0)
    expect((await postOne(gatewayUrl, stack.project)).status).toBe(200)
    const [after] = await stack.sql<[{ count: number }]>`SELECT count(*)::int FROM archive`
    expect(after.count).toBe(before.count + 1)
    await waitFor('them to be counted', async () => (await readDoorBooks(stack.sql)).refused === refused + CUT_COUNT)
  },
  60_000,
)
