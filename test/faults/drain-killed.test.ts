import { readdir } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { acceptedIds, countStatuses, type Posted, postOne } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { type RoleProcess, startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { spoolSettings } from './spool-settings.ts'

/** Several batches of the drain. */
const POSTS = 1_200
const AT_ONCE = 50
const KILLS = 3

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('gateways killed while they drain the spool leave nothing out and bring nothing in twice', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const { sql, project } = database
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const start = async (): Promise<RoleProcess> => {
    const gateway = await startRole('gateway', database.url, spoolSettings(spool.path))
    releasers.add(gateway.stop)
    return gateway
  }
  const first = await start()
  const post = () => postOne(`http://127.0.0.1:${first.port}`, project)
  const posted: Posted[] = [await post()]
  await database.stop()
  while (posted.length < POSTS) posted.push(...(await Promise.all(Array.from({ length: AT_ONCE }, post))))
  expect(countStatuses(posted)).toEqual({ 200: posted.length })

  await database.start()
  const archives = async () => (await readBooks(sql)).archives
  let draining = first
  for (let kills = 0; kills < KILLS; kills++) {
    const before = await archives()
    await waitFor('some more of it drained', async () => (await archives()) > before || before === posted.length)
    draining.signal('SIGKILL')
    await draining.exited
    draining = await start()
  }
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  await waitFor('an empty spool', async () =>
    (await readdir(spool.path, { recursive: true })).every((name) => !name.endsWith('.segment')),
  )
  await allDigested(sql, posted.length)
  expect(await missingReports(sql, acceptedIds(posted))).toEqual([])
  expect(await readBooks(sql)).toEqual(balanced(posted.length))
  expect(await draining.stop()).toBe(0)
}, 180_000)
