import { Agent } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { startBalancer } from '../support/balancer.ts'
import { postOver } from '../support/post-over.ts'
import { countStatuses, postSteadily } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'

const RATE_PER_SEC = 40
/** How long a gateway that is told to stop goes on, so that the balancer can turn away. */
const SETTINGS = { STOP_DELAY_SECS: '3' }

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('two gateways restarted one after the other behind a balancer, twice, fail no request and lose no event', async () => {
  const stack = await startStack({ gateways: 0 })
  releasers.add(stack.stop)
  const balancer = await startBalancer()
  releasers.add(balancer.stop)
  const addGateway = async (): Promise<RoleProcess> => {
    const gateway = await stack.addGateway(SETTINGS)
    balancer.add(gateway)
    return gateway
  }
  const inService = [await addGateway(), await addGateway()]
  await waitFor('both to be ready', () => balancer.readyCount() === 2)

  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  releasers.add(() => agent.destroy())
  const load = postSteadily(RATE_PER_SEC, () => postOver(agent, balancer.url, stack.project))
  releasers.add(load.stop)
  for (let restarts = 0; restarts < 4; restarts++) {
    const before = load.posted.length
    await waitFor('the load', () => load.posted.length > before + RATE_PER_SEC)
    expect(await inService.shift()?.stop(), 'it leaves in order').toBe(0)
    inService.push(await addGateway())
    await waitFor('the new one to be ready', () => balancer.readyCount() === 2)
  }
  const posted = await load.stop()

  expect(balancer.failures).toEqual([])
  expect(countStatuses(posted)).toEqual({ 200: posted.length })
  await allDigested(stack.sql, posted.length, 120_000)
  expect(await readBooks(stack.sql)).toEqual(balanced(posted.length))
}, 300_000)
