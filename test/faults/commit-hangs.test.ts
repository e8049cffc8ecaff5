import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { countStatuses, type Posted, postOne } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { balancedDoor, readDoorBooks } from './door-books.ts'
import { hold, isWaitingForLock } from './hold.ts'
import { spoolSettings } from './spool-settings.ts'

const LOCK = 4_711
/** After which a flush is called slow; what lies above it is the machine's. */
const SLOW_MS = 1_000
const SLOW_MS_MAX = 5_000

const releasers = createReleasers()
afterEach(releasers.releaseAll)

/** Every statement of a flush succeeds, and its COMMIT waits: a deferred trigger asks for a lock that the test may hold. */
async function makeCommitsWait({ sql }: Stack): Promise<void> {
  await sql.unsafe(`
    CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(${LOCK});
        RETURN NULL;
      END
    $$;
    CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON archive
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`)
}

async function areAllCommitsWaiting({ sql }: Stack, count: number): Promise<boolean> {
  const waiting = await sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'rumen gateway flush'
      AND wait_event_type = 'Lock' AND query = 'COMMIT'`
  return waiting.length === count
}

test('requests whose COMMIT hangs are answered from the spool, and are there once when it ends well after all', async () => {
  const stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const gateway = await stack.addGateway(spoolSettings(spool.path))
  const gatewayUrl = `http://127.0.0.1:${gateway.port}`
  const post = () => postOne(gatewayUrl, stack.project)
  await makeCommitsWait(stack)
  expect((await post()).status, 'nobody holds the lock yet').toBe(200)

  const commits = await hold(stack.sql, `SELECT pg_advisory_xact_lock(${LOCK})`)
  const hung = [await post()]
  expect(await isWaitingForLock(stack.sql, 'rumen gateway flush')).toBe(true)
  // While the breaker probes, a second flush comes to hang; then there is no lane left to wait for.
  await waitFor('a second flush to hang', async () => {
    hung.push(await post())
    return await areAllCommitsWaiting(stack, 2)
  })
  const late = await Promise.all(Array.from({ length: 50 }, post))
  expect([...hung, ...late].filter(({ status }) => status !== 200)).toEqual([])
  for (const { ms } of hung) expect(ms).toBeLessThan(SLOW_MS_MAX)
  expect(hung[0]?.ms).toBeGreaterThanOrEqual(SLOW_MS)
  expect(Math.min(...late.map(({ ms }) => ms)), 'nobody waits for a COMMIT any more').toBeLessThan(SLOW_MS)
  expect((await readBooks(stack.sql)).archives, 'they hang still').toBe(1)

  await commits.release()
  const count = 1 + hung.length + late.length
  await stack.addWorker()
  await allDigested(stack.sql, count)
  const door = await waitFor('the spool to be drained', async () => {
    const books = await readDoorBooks(stack.sql)
    return books.accepted === count && books.spooledStill === 0 && books
  })
  expect(door, 'what the hung flushes committed is not seen again, it is seen').toEqual(balancedDoor(count, count - 1))
  expect(await readBooks(stack.sql)).toEqual(balanced(count))
  expect(await gateway.stop()).toBe(0)
  expect(await readdir(spool.path)).toEqual(['keys.json'])
}, 90_000)

test('without a spool requests wait for a COMMIT that takes seconds: refused, their events would be lost', async () => {
  const stack = await startStack({ workers: 0 })
  releasers.add(stack.stop)
  const post = () => postOne(stack.gatewayUrl, stack.project)
  await makeCommitsWait(stack)
  expect((await post()).status, 'nobody holds the lock yet').toBe(200)

  const commits = await hold(stack.sql, `SELECT pg_advisory_xact_lock(${LOCK})`)
  const posts: Promise<Posted>[] = []
  await waitFor('both flushes to hang', async () => {
    posts.push(post())
    return await areAllCommitsWaiting(stack, 2)
  })
  // Slow they are called after a second.
  await delay(SLOW_MS + 500)
  posts.push(...Array.from({ length: 20 }, post))
  await commits.release()
  const posted = await Promise.all(posts)
  expect(countStatuses(posted)).toEqual({ 200: posted.length })
  expect((await readBooks(stack.sql)).archives).toBe(1 + posted.length)
}, 60_000)
