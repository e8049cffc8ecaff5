import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { openSockets, socketsAllowed } from '../support/open-sockets.ts'
import { percentile } from '../support/percentile.ts'
import { countStatuses, postOne } from '../support/post-steadily.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { readMetric } from '../support/read-metric.ts'
import { createReleasers } from '../support/releasers.ts'
import { startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchMemory } from '../support/watch-memory.ts'

const IDLE_COUNT = 5_000
const POSTS = 300
const POST_MS_MAX = 1_000
/** Node takes about 10 KiB for a connection that has sent nothing, and 25 for one that has: socket, parser, buffers. */
const KIB_EACH_MAX = 40

const releasers = createReleasers()
afterEach(releasers.releaseAll)

async function startWith(settings: Readonly<Record<string, string>>) {
  const stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const gateway = await stack.addGateway(settings)
  return { stack, gateway, gatewayUrl: `http://127.0.0.1:${gateway.port}` }
}

test('5,000 idle connections cost a bounded amount of memory each, and others are served meanwhile', async () => {
  const { stack, gateway, gatewayUrl } = await startWith({ REQUEST_HEADER_TIMEOUT_SECS: '600' })
  const post = () => postOne(gatewayUrl, stack.project)
  const count = await socketsAllowed(IDLE_COUNT)
  for (let n = 0; n < POSTS; n++) await post()
  const grownMiB = await watchMemory(gateway.pid)

  const sockets = await openSockets(gatewayUrl, count)
  releasers.add(() => {
    for (const socket of sockets) socket.destroy()
  })
  // Half of them have been of use before, as those that SDKs and balancers keep.
  const used = sockets.slice(0, count / 2)
  const answers = used.map((socket) => once(socket, 'data'))
  for (const socket of used) socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await Promise.all(answers)
  await waitFor(
    'the gateway to have them all',
    async () => ((await readMetric(gateway, 'rumen_gateway_connections')) ?? 0) >= count,
  )

  const posted = []
  for (let n = 0; n < POSTS; n++) posted.push(await post())
  expect(countStatuses(posted)).toEqual({ 200: POSTS })
  expect(
    percentile(
      posted.map(({ ms }) => ms),
      0.99,
    ),
  ).toBeLessThan(POST_MS_MAX)
  expect(sockets.filter((socket) => socket.destroyed || socket.readableEnded)).toEqual([])
  expect((((await grownMiB()) ?? 0) * 1024) / count).toBeLessThan(KIB_EACH_MAX)
}, 90_000)

test('the connection one too many for MAX_CONNECTIONS is closed, and those before it go on', async () => {
  const { stack, gateway, gatewayUrl } = await startWith({ MAX_CONNECTIONS: '5' })
  const path = `/api/${stack.project.id}/envelope/?sentry_key=${stack.project.publicKey}`
  const request = rawPost(path, { 'Content-Length': '3' }, '{}\n')
  const five = await Promise.all(Array.from({ length: 5 }, () => openRawConnection(gatewayUrl)))
  releasers.add(() => {
    for (const connection of five) connection.close()
  })
  for (const connection of five) connection.write(request)
  await Promise.all(five.map((connection) => connection.received(/^HTTP\/1\.1 200 /)))

  const sixth = await openRawConnection(gatewayUrl)
  await waitFor('the sixth to be closed', sixth.isEnded)
  for (const connection of five) connection.write(request)
  await Promise.all(five.map((connection) => connection.received(/HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 200 /)))
  five[0]?.close()
  await waitFor('room for another one', async () => (await postOne(gatewayUrl, stack.project)).status === 200)
  expect(await readMetric(gateway, 'rumen_gateway_connections')).toBeLessThanOrEqual(5)
}, 60_000)
