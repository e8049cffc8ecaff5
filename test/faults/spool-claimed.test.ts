import { readdir } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts'
import { postOne } from '../support/post-steadily.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { createReleasers } from '../support/releasers.ts'
import { type RoleProcess, startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { readDoorBooks } from './door-books.ts'
import { bulkyEnvelope, fillSpool } from './full-spool.ts'
import { spoolSettings } from './spool-settings.ts'

const MiB = 1024 * 1024
const SPOOL_BYTES_MAX = MiB
const EVENT_BYTES = 40 * 1024
const SMALL_BYTES = 8 * 1024
const TINY_BYTES = 64
const UNVERIFIED_BYTES_MAX = SPOOL_BYTES_MAX / 20

const releasers = createReleasers()
afterEach(releasers.releaseAll)

const urlOf = ({ port }: RoleProcess) => `http://127.0.0.1:${port}`

async function foldersOf(spool: string): Promise<readonly string[]> {
  return (await readdir(spool)).filter((name) => /^gateway-[0-9a-f]+$/.test(name))
}

/** What an SDK gets that calls itself `client`: the first line of the answer, or nothing. */
async function firstLine(gateway: RoleProcess, { project }: OwnPostgres, client: string): Promise<string> {
  const { body } = bulkyEnvelope(SMALL_BYTES)
  const auth = `Sentry sentry_key=${project.publicKey}, sentry_version=7, sentry_client=${client}`
  const connection = await openRawConnection(urlOf(gateway))
  const headers = { 'X-Sentry-Auth': auth, 'Content-Length': `${Buffer.byteLength(body)}`, Connection: 'close' }
  connection.write(rawPost(`/api/${project.id}/envelope/`, headers, body))
  await waitFor('the end of a connection', connection.isEnded)
  const received = await connection.received(/^/)
  connection.close()
  return received.split('\r\n', 1)[0] ?? ''
}

test('what a gateway answered before its spool was full and it was killed, another one brings into the database', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const environment = { ...spoolSettings(spool.path), SPOOL_MAX_BYTES: `${SPOOL_BYTES_MAX}` }
  const start = async () => {
    const gateway = await startRole('gateway', database.url, environment)
    releasers.add(gateway.stop)
    return gateway
  }
  const doomed = await start()
  const heir = await start()
  const { eventId, status } = await postOne(urlOf(doomed), database.project)
  expect(status, 'from now on it knows the key').toBe(200)
  await waitFor('the first count', async () => (await readDoorBooks(database.sql)).archived === 1)
  await database.stop()

  const filling = await fillSpool(urlOf(doomed), database.project, { bytes: EVENT_BYTES })
  filling.push(...(await fillSpool(urlOf(doomed), database.project, { bytes: TINY_BYTES })))
  expect(filling.length).toBeGreaterThan(SPOOL_BYTES_MAX / EVENT_BYTES / 2)
  const unverified = await fillSpool(urlOf(heir), database.project, { bytes: SMALL_BYTES })
  expect(unverified.length * SMALL_BYTES, 'a key nobody can be asked about fills its share').toBeLessThan(
    UNVERIFIED_BYTES_MAX,
  )
  expect(unverified.length).toBeGreaterThan(0)
  const accepted = [eventId, ...filling, ...unverified]
  expect(await firstLine(doomed, database, 'sentry.python/2.1.0')).toBe('HTTP/1.1 503 Service Unavailable')
  for (const client of [
    'sentry.cocoa/8.40.0',
    'sentry.java.android/7.1.0',
    'sentry.dotnet/5.0.0',
    'sentry.native/0.7.0',
  ]) {
    expect(await firstLine(doomed, database, client), `${client} keeps what got no answer`).toBe('')
  }
  const refused = await fetch(`${urlOf(doomed)}/health`)
  expect(refused.status, 'it can keep nothing').toBe(503)
  expect(await foldersOf(spool.path)).toHaveLength(2)

  doomed.signal('SIGKILL')
  await doomed.exited
  await waitFor('the spool of the dead one to be claimed', async () => (await foldersOf(spool.path)).length === 1)
  await database.start()
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  await allDigested(database.sql, accepted.length)
  expect(await missingReports(database.sql, accepted)).toEqual([])
  expect(await readBooks(database.sql)).toEqual(balanced(accepted.length))
  const door = await waitFor('what was drained to be counted', async () => {
    const books = await readDoorBooks(database.sql)
    return books.archived >= accepted.length && books
  })
  expect(door).toMatchObject({ archived: accepted.length, seenAgain: 0, discarded: 0, keptAside: 0 })
  expect(await heir.stop()).toBe(0)
  expect(await readdir(spool.path)).toEqual(['keys.json'])
}, 120_000)
