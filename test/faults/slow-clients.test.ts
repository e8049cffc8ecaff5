import { afterAll, beforeAll, expect, test } from 'vitest'
import { percentile } from '../support/percentile.ts'
import { countStatuses, postOne } from '../support/post-steadily.ts'
import { openRawConnection, type RawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { createReleasers } from '../support/releasers.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

const SLOW_COUNT = 200
const DRIP_MS = 1_000
const LIMIT_SECS = 3
/** What lies between is the machine’s. */
const ENDED_MS_MAX = 15_000
const OTHERS_MS_MAX = 2_000

const releasers = createReleasers()
let stack: Stack
let gatewayUrl: string

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const gateway = await stack.addGateway({
    BODY_TIMEOUT_SECS: `${LIMIT_SECS}`,
    REQUEST_HEADER_TIMEOUT_SECS: `${LIMIT_SECS}`,
  })
  gatewayUrl = `http://127.0.0.1:${gateway.port}`
  await postOne(gatewayUrl, stack.project)
})

afterAll(releasers.releaseAll)

/** Connections that all send `start`, and then one byte a second. */
async function openDripping(start: string | Uint8Array): Promise<readonly RawConnection[]> {
  const connections = await Promise.all(Array.from({ length: SLOW_COUNT }, () => openRawConnection(gatewayUrl)))
  for (const connection of connections) connection.write(start)
  const dripping = setInterval(() => {
    for (const connection of connections) if (!connection.isEnded()) connection.write('x')
  }, DRIP_MS)
  releasers.add(() => {
    clearInterval(dripping)
    for (const connection of connections) connection.close()
  })
  return connections
}

const FOREVER = 1_000_000

const STARTS: readonly [what: string, setting: string, start: () => string | Uint8Array][] = [
  [
    'body',
    'BODY_TIMEOUT_SECS',
    () => {
      const path = `/api/${stack.project.id}/envelope/?sentry_key=${stack.project.publicKey}`
      return rawPost(path, { 'Content-Length': `${FOREVER}` }, '{}\n')
    },
  ],
  ['headers', 'REQUEST_HEADER_TIMEOUT_SECS', () => 'POST /api/1/envelope/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
]

test.each(STARTS)(
  'clients that send a byte of their %s a second are told of %s, and hold up nobody else',
  async (_what, setting, start) => {
    const startMs = performance.now()
    const slow = await openDripping(start())
    const answers = Promise.all(slow.map((connection) => connection.received(/\r\n\r\n[\s\S]*\}/, 30_000)))
    let areEnded = false
    answers.then(
      () => (areEnded = true),
      () => (areEnded = true),
    )
    const others = []
    while (!areEnded) others.push(await postOne(gatewayUrl, stack.project))

    for (const answer of await answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /)
      expect(answer).toContain(setting)
    }
    const endedMs = performance.now() - startMs
    expect(endedMs).toBeGreaterThan(LIMIT_SECS * 1_000 - DRIP_MS)
    expect(endedMs).toBeLessThan(ENDED_MS_MAX)
    expect(others.length).toBeGreaterThan(10)
    expect(countStatuses(others)).toEqual({ 200: others.length })
    expect(
      percentile(
        others.map(({ ms }) => ms),
        0.95,
      ),
    ).toBeLessThan(OTHERS_MS_MAX)
  },
  60_000,
)
