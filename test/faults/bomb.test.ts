import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { type BombCoding, endlessEnvelope, makeBomb } from '../support/bomb.ts'
import { digestOf } from '../support/digest-of.ts'
import { postEnvelope } from '../support/post-event.ts'
import { createReleasers } from '../support/releasers.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { watchMemory } from '../support/watch-memory.ts'

const MiB = 1024 * 1024
const DECODED_MIB = 1_024
/** For the decoder: brotli's window of 16 MiB, and one block of its, which comes whole. */
const REST_MIB_MAX = 48

const releasers = createReleasers()
let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  releasers.add(stack.stop)
})

afterAll(releasers.releaseAll)

test.each<BombCoding>(['gzip', 'br', 'zstd'])(
  'a bomb of 1 GiB in %s costs the gateway its compressed size, and is found out by the digest',
  async (coding) => {
    const project = await addProject(stack, `Bomb ${coding}`)
    const headers = { 'content-encoding': coding }
    const bomb = await makeBomb(coding, endlessEnvelope(), DECODED_MIB)
    // The decoder's own windows and tables are there from now on.
    const small = await makeBomb(coding, endlessEnvelope(), 0)
    await postEnvelope(stack.gatewayUrl, stack.project, small, headers)

    const grownMiB = await watchMemory(stack.gateways[0]?.pid ?? 0)
    const response = await postEnvelope(stack.gatewayUrl, project, bomb, headers)
    expect(response.status, await response.text()).toBe(200)
    const store = await fetch(`${stack.gatewayUrl}/api/${project.id}/store/?sentry_key=${project.publicKey}`, {
      method: 'POST',
      body: await makeBomb(coding, '{"message":', DECODED_MIB),
      headers,
    })
    expect([store.status, await store.json()]).toMatchObject([413, { detail: 'event exceeds MAX_EVENT_BYTES' }])
    expect((await grownMiB()) ?? 0).toBeLessThan((2 * bomb.length) / MiB + REST_MIB_MAX)
    expect((await digestOf(stack, project)).errors).toEqual(['envelope decoded_too_large'])
  },
  120_000,
)
