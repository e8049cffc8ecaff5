import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchMemory } from '../support/watch-memory.ts'
import { readBooks } from './books.ts'
import { postMany } from './post-many.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
})

afterAll(() => stack?.stop())

/** Each an event with as many tags as a log may have, none of them seen before. */
function container(first: number, count: number) {
  return Array.from({ length: count }, (_, n) => ({
    timestamp: Date.now() / 1000,
    level: 'error',
    body: `boom ${first + n}`,
    attributes: Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`key.${at}`, { type: 'string', value: `${first + n} ${at}` }]),
    ),
  }))
}

test('an envelope of a thousand logs with forty attributes each neither stalls a worker nor harms who is beside it', async () => {
  const items = [0, 300, 600, 900].map((first) => JSON.stringify({ items: container(first, 300) }))
  const body = gzipSync(['{}', ...items.flatMap((item) => ['{"type":"log"}', item])].join('\n'))
  const response = await postEnvelope(stack.gatewayUrl, stack.project, body, { 'content-encoding': 'gzip' })
  expect(response.status).toBe(200)
  await postMany(stack, 20)
  const worker = await stack.addWorker()
  const grownMiB = await watchMemory(worker.pid)
  await waitFor('the digest', async () => {
    const [job] = await stack.sql`SELECT FROM pgboss.job WHERE name IN ('digest', 'digest-excess') LIMIT 1`
    return job === undefined
  })
  // Without it a recount of so many tags takes a while.
  await stack.sql`ANALYZE`
  const outcomes = await stack.sql`
    SELECT item_type, outcome, reason, sum(quantity)::int AS n FROM analytics.outcomes
    WHERE item_type <> 'request' GROUP BY 1, 2, 3 ORDER BY 1, 2`
  expect(outcomes).toEqual([
    { item_type: 'event', outcome: 'stored', reason: null, n: 20 },
    { item_type: 'log', outcome: 'rejected', reason: 'too_many_items', n: 1 },
    { item_type: 'log', outcome: 'stored', reason: null, n: 900 },
  ])
  expect(await readBooks(stack.sql)).toMatchObject({ wrongIssues: 0, wrongTags: 0, dead: 0 })
  expect((await grownMiB()) ?? 0).toBeLessThan(350)
  expect(worker.output()).toBe('')
}, 120_000)
