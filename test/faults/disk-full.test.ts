import { readdir } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { postEnvelope } from '../support/post-event.ts'
import { postOne } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { readDoorBooks } from './door-books.ts'
import { bulkyEnvelope, fillSpool } from './full-spool.ts'
import { spoolSettings } from './spool-settings.ts'
import { startWithLittleDisk } from './start-with-little-disk.ts'

const KiB = 1024
const FILE_BYTES_MAX = 256 * KiB
const EVENT_BYTES = 24 * KiB

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('a disk that is full costs what it has no room for, with a 503, and nothing that was answered 200', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const gateway = await startWithLittleDisk(database.url, {
    fileBytesMax: FILE_BYTES_MAX,
    ...spoolSettings(spool.path),
  })
  releasers.add(gateway.stop)
  const gatewayUrl = `http://127.0.0.1:${gateway.port}`
  const { project, sql } = database
  const post = async (bytes: number) => {
    const { eventId, body } = bulkyEnvelope(bytes)
    const response = await postEnvelope(gatewayUrl, project, body)
    return { eventId, status: response.status, retryAfter: response.headers.get('retry-after') }
  }
  const { eventId, status } = await postOne(gatewayUrl, project)
  expect(status, 'from now on it knows the key').toBe(200)
  await database.stop()

  const accepted = [eventId, ...(await fillSpool(gatewayUrl, project, { bytes: EVENT_BYTES }))]
  expect(accepted.length).toBeGreaterThan(FILE_BYTES_MAX / EVENT_BYTES / 2)
  // No file could take it, the next one neither.
  const tooLarge = await post(FILE_BYTES_MAX)
  expect(tooLarge).toMatchObject({ status: 503, retryAfter: null })
  const afterwards = await post(EVENT_BYTES)
  expect(afterwards.status, 'where there is room again, it is used').toBe(200)
  accepted.push(afterwards.eventId)

  await database.start()
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  const large = await waitFor('the database to be used again', async () => {
    const answer = await post(FILE_BYTES_MAX)
    return answer.status === 200 && answer
  })
  accepted.push(large.eventId)
  await allDigested(sql, accepted.length)
  expect(await missingReports(sql, accepted)).toEqual([])
  expect(await readBooks(sql), 'what was refused is not there').toEqual(balanced(accepted.length))
  const door = await waitFor('the door to have counted all', async () => {
    const books = await readDoorBooks(sql)
    return books.accepted >= accepted.length && books.spooledStill === 0 && books
  })
  expect(door).toMatchObject({ accepted: accepted.length, archived: accepted.length, seenAgain: 0, keptAside: 0 })
  expect(door.refused).toBeGreaterThan(1)
  expect(await gateway.stop()).toBe(0)
  expect(await readdir(spool.path)).toEqual(['keys.json'])
}, 120_000)
