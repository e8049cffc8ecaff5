import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { countStatuses, postOne, postSteadily } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { balancedDoor, readDoorBooks } from './door-books.ts'
import { shortenExpiry } from './shorten-expiry.ts'
import { spoolSettings } from './spool-settings.ts'

const AWAY_MS = 20_000
const RATE_PER_SEC = 200
const CLAIM_SECONDS = 10

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('PostgreSQL away for 20 s under 200 requests a second costs no answer, and every event is digested once', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const gateway = await startRole('gateway', database.url, spoolSettings(spool.path))
  releasers.add(gateway.stop)
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  // What it holds when the server goes comes back when its claim lapses.
  await shortenExpiry(database.sql, CLAIM_SECONDS)
  const gatewayUrl = `http://127.0.0.1:${gateway.port}`
  const load = postSteadily(RATE_PER_SEC, () => postOne(gatewayUrl, database.project))
  releasers.add(load.stop)

  await waitFor('the load', () => load.posted.length > RATE_PER_SEC)
  await database.stop()
  // Being away for so long is the fault itself.
  await delay(AWAY_MS)
  const health = await fetch(`${gatewayUrl}/health`)
  expect(health.status, 'a gateway that spools is well').toBe(200)
  await database.start()
  const back = load.posted.length
  await waitFor('answers after that', () => load.posted.length > back + RATE_PER_SEC)
  const posted = await load.stop()

  const count = posted.length
  expect(count).toBeGreaterThan((AWAY_MS / 1000) * RATE_PER_SEC)
  expect(countStatuses(posted)).toEqual({ 200: count })
  await allDigested(database.sql, count, 120_000)
  expect(await readBooks(database.sql)).toEqual(balanced(count))
  const door = await waitFor('the door to have counted all', async () => {
    const books = await readDoorBooks(database.sql)
    return books.accepted >= count && books.spooledStill <= 0 && books
  })
  expect(door).toEqual(balancedDoor(count, door.spooled))
  expect(door.spooled).toBeGreaterThan((AWAY_MS / 1000) * RATE_PER_SEC * 0.8)
  expect(await gateway.stop()).toBe(0)
  expect(await readdir(spool.path), 'nothing is left in the spool but the keys').toEqual(['keys.json'])
}, 240_000)
