import { Agent } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { type PostedOver, postOver } from '../support/post-over.ts'
import { acceptedIds, postOne } from '../support/post-steadily.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { createReleasers } from '../support/releasers.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { hold, isWaitingForLock } from './hold.ts'

const CLIENTS = 10

const releasers = createReleasers()
afterEach(releasers.releaseAll)

async function startWith(settings: Readonly<Record<string, string>>) {
  const stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const gateway = await stack.addGateway(settings)
  return { stack, gateway, gatewayUrl: `http://127.0.0.1:${gateway.port}` }
}

async function expectDigestedOnce(stack: Stack, eventIds: readonly string[]): Promise<void> {
  await stack.addWorker()
  await allDigested(stack.sql, eventIds.length)
  expect(await missingReports(stack.sql, eventIds)).toEqual([])
  expect(await readBooks(stack.sql)).toEqual(balanced(eventIds.length))
}

/** Whether nobody listens there any more. */
async function isRefused(port: number): Promise<boolean> {
  const connection = await openRawConnection(`http://127.0.0.1:${port}`).catch(() => null)
  connection?.close()
  return connection === null
}

test('a gateway stopped under load answers everybody and cuts nobody: the last answer on a connection says so', async () => {
  const { stack, gateway, gatewayUrl } = await startWith({ STOP_DELAY_SECS: '2' })
  const posted: PostedOver[] = []
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    releasers.add(() => agent.destroy())
    // One request after the other over one connection, for as long as the gateway keeps that.
    for (let isLast = false; !isLast; ) {
      const post = await postOver(agent, gatewayUrl, stack.project)
      posted.push(post)
      isLast = post.isLast
    }
  })
  await waitFor('the load', () => posted.length > 10 * CLIENTS)
  const before = posted.length
  const stopped = gateway.stop()
  await Promise.all(clients)
  expect(await stopped).toBe(0)

  expect(posted.filter(({ status }) => status !== 200)).toEqual([])
  expect(posted.length, 'those told last were told with an answer').toBeGreaterThanOrEqual(before + CLIENTS)
  expect((await postOver(new Agent(), gatewayUrl, stack.project)).cut).toBe('ECONNREFUSED')
  await expectDigestedOnce(stack, acceptedIds(posted))
}, 90_000)

test('a gateway that is told to stop waits for the rest of a body, and for a COMMIT', async () => {
  const { stack, gateway, gatewayUrl } = await startWith({ STOP_DELAY_SECS: '0' })
  const event = makeEvent()
  const body = Buffer.from(makeEnvelope(event))
  const path = `/api/${stack.project.id}/envelope/?sentry_key=${stack.project.publicKey}`
  const slow = await openRawConnection(gatewayUrl)
  releasers.add(slow.close)
  slow.write(rawPost(path, { 'Content-Length': `${body.length}` }, body.subarray(0, 100)))
  const table = await hold(stack.sql, 'LOCK TABLE archive IN SHARE ROW EXCLUSIVE MODE')
  const waiting = postOne(gatewayUrl, stack.project)
  await waitFor('a flush that waits', () => isWaitingForLock(stack.sql, 'rumen gateway flush'))

  const stopped = gateway.stop()
  await waitFor('nobody to listen any more', () => isRefused(gateway.port))
  await table.release()
  slow.write(body.subarray(100))
  const answer = await slow.received(/\r\n\r\n[\s\S]*\}/)
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toMatch(/^connection: close\r$/im)
  expect(await waiting).toMatchObject({ status: 200 })
  expect(await stopped).toBe(0)
  await expectDigestedOnce(stack, [event.event_id, (await waiting).eventId])
}, 60_000)
