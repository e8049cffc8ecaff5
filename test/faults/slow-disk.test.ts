import { afterEach, expect, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { acceptedIds, countStatuses, postOne } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { spoolSettings } from './spool-settings.ts'

const SYNC_MS = 500
const POSTS = 40

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('an answer out of the spool waits until the disk has it, and those who wait together share one sync', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const gateway = await startRole('gateway', database.url, {
    ...spoolSettings(spool.path),
    NODE_OPTIONS: `--import=${new URL('./fixtures/slow-disk.ts', import.meta.url).href}`,
    DISK_SYNC_MS: `${SYNC_MS}`,
  })
  releasers.add(gateway.stop)
  const post = () => postOne(`http://127.0.0.1:${gateway.port}`, database.project)
  const first = await post()
  expect(first.status, 'from now on it knows the key').toBe(200)
  await database.stop()

  const startMs = performance.now()
  const posted = await Promise.all(Array.from({ length: POSTS }, post))
  const tookMs = performance.now() - startMs
  expect(countStatuses(posted)).toEqual({ 200: POSTS })
  expect(Math.min(...posted.map(({ ms }) => ms)), 'answered before it was on disk').toBeGreaterThanOrEqual(SYNC_MS)
  expect(tookMs, 'they were synced one after the other').toBeLessThan((POSTS * SYNC_MS) / 2)

  // All that was answered is on disk: nothing else of this gateway is left.
  gateway.signal('SIGKILL')
  await gateway.exited
  await database.start()
  const heir = await startRole('gateway', database.url, spoolSettings(spool.path))
  releasers.add(heir.stop)
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  await allDigested(database.sql, POSTS + 1)
  expect(await missingReports(database.sql, acceptedIds([first, ...posted]))).toEqual([])
  expect(await readBooks(database.sql)).toEqual(balanced(POSTS + 1))
}, 120_000)
