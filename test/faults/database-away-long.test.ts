import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createProject, randomPublicKey } from '@rumen/db/project/create-project'
import { afterEach, expect, test } from 'vitest'
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts'
import { acceptedIds, countStatuses, type Posted, postOne, postSteadily } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { type RoleProcess, startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { readDoorBooks } from './door-books.ts'
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts'
import { spoolSettings } from './spool-settings.ts'

const AWAY_MS = 10 * 60_000
const LEAP_MS = 15_000
const RATE_PER_SEC = 50
const SOME = 10

const releasers = createReleasers()
afterEach(releasers.releaseAll)

const urlOf = ({ port }: RoleProcess) => `http://127.0.0.1:${port}`

/** Gateways that spool into one folder, whose clocks leap. */
async function gatewayStarter(database: OwnPostgres, clock: LeapingClock) {
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  return {
    folder: spool.path,
    async start(): Promise<RoleProcess> {
      const environment = { ...spoolSettings(spool.path), ...clock.environment() }
      const gateway = await startRole('gateway', database.url, environment)
      releasers.add(gateway.stop)
      return gateway
    },
  }
}

/** Segments of senders nobody could be asked about. */
async function unverifiedFiles(spool: string): Promise<readonly string[]> {
  const names = await readdir(spool, { recursive: true })
  return names.filter((name) => name.endsWith('.unverified.segment'))
}

/** Leaps until the clock is so far ahead, with answered requests after each leap. */
async function passTime(
  clock: LeapingClock,
  gateway: RoleProcess,
  { untilMs, posted }: { untilMs: number; posted: readonly Posted[] },
) {
  while (clock.aheadMs < untilMs) {
    await clock.leap(gateway)
    const before = posted.length
    await waitFor('answers', () => posted.length >= before + 5)
  }
}

async function postSome(gateway: RoleProcess, project: Parameters<typeof postOne>[1]): Promise<readonly Posted[]> {
  return await Promise.all(Array.from({ length: SOME }, () => postOne(urlOf(gateway), project)))
}

test('ten minutes without PostgreSQL, and a gateway killed and restarted half-way, lose nothing answered', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const { sql, project } = database
  const stranger = await createProject(database.db, { name: 'Never asked about' })
  const clock = createLeapingClock(LEAP_MS)
  const gateways = await gatewayStarter(database, clock)
  const first = await gateways.start()
  let current = first
  const before = await postSome(first, project)
  // The snapshot of known keys holds no key in clear; and what a kill must not take along is counted.
  const keys = join(gateways.folder, 'keys.json')
  expect(await waitFor('the keys on disk', () => readFile(keys, 'utf8').catch(() => null))).not.toContain(
    project.publicKey,
  )
  await waitFor('the first counts', async () => (await readDoorBooks(sql)).archived === before.length)

  await database.stop()
  const load = postSteadily(RATE_PER_SEC, () => postOne(urlOf(current), project))
  releasers.add(load.stop)
  await passTime(clock, first, { untilMs: AWAY_MS / 2, posted: load.posted })
  expect(countStatuses(load.posted)).toEqual({ 200: load.posted.length })
  expect(
    await unverifiedFiles(gateways.folder),
    'a known key stays known, however long ago it was asked about',
  ).toEqual([])
  first.signal('SIGKILL')
  await first.exited
  current = await gateways.start()
  const restartedAt = load.posted.length
  await passTime(clock, current, { untilMs: AWAY_MS, posted: load.posted })
  const known = await load.stop()
  expect(countStatuses(known.slice(restartedAt + RATE_PER_SEC)), 'its keys are known to the restarted one').toEqual({
    200: known.length - restartedAt - RATE_PER_SEC,
  })
  expect(await unverifiedFiles(gateways.folder)).toEqual([])
  const right = await postSome(current, stranger)
  const wrong = await postSome(current, { ...project, publicKey: randomPublicKey() })
  expect(countStatuses([...right, ...wrong]), 'a key nobody can be asked about is no wrong key').toEqual({
    200: 2 * SOME,
  })

  expect(await unverifiedFiles(gateways.folder)).toHaveLength(1)

  await database.start()
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  const accepted = acceptedIds([...before, ...known, ...right])
  await allDigested(sql, accepted.length)
  const door = await waitFor('the wrong keys to be found out', async () => {
    const books = await readDoorBooks(sql)
    return books.discarded >= SOME && books.archived >= accepted.length && books
  })
  expect(await missingReports(sql, accepted)).toEqual([])
  const books = await readBooks(sql)
  // What the killed one had kept but not answered is there, too.
  expect(books).toEqual(balanced(books.archives))
  expect(door).toMatchObject({
    archived: books.archives,
    seenAgain: 0,
    discarded: SOME,
    keptAside: 0,
    refused: 0,
  })
  expect(await missingReports(sql, acceptedIds(wrong))).toHaveLength(SOME)
  expect(await current.stop()).toBe(0)
  expect(await readdir(gateways.folder)).toEqual(['keys.json'])
}, 240_000)
