import { readdir } from 'node:fs/promises'
import { createProject } from '@rumen/db/project/create-project'
import { afterEach, expect, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { acceptedIds, countStatuses, postOne } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { rowsOf } from '../support/rows-of.ts'
import { runCommand } from '../support/start-command.ts'
import { startRole } from '../support/start-role.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested, missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { readDoorBooks } from './door-books.ts'
import { spoolSettings } from './spool-settings.ts'

/** Of each project, so that a batch of the drain has some of all. */
const POSTS = 60

const releasers = createReleasers()
afterEach(releasers.releaseAll)

test('what waits in a spool for a project that is deleted meanwhile is dropped and counted, all else arrives', async () => {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const { sql, db, project: kept } = database
  // The gateway has never met the key of the second when the database goes, and takes its word for it.
  const [doomed, unverified] = [await createProject(db, { name: 'Doomed' }), await createProject(db, { name: 'Unmet' })]
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const start = async () => {
    const gateway = await startRole('gateway', database.url, spoolSettings(spool.path))
    releasers.add(gateway.stop)
    return gateway
  }
  const first = await start()
  const post = (project: typeof kept) => postOne(`http://127.0.0.1:${first.port}`, project)
  const met = [await post(kept), await post(doomed)]
  expect(countStatuses(met)).toEqual({ 200: 2 })
  await waitFor('the first counts', async () => (await readDoorBooks(sql)).archived === 2)
  await database.stop()
  const ofKept = met.slice(0, 1)
  const ofOthers = []
  for (let n = 0; n < POSTS; n++) {
    ofKept.push(await post(kept))
    ofOthers.push(await post(doomed), await post(unverified))
  }
  expect(countStatuses([...ofKept, ...ofOthers])).toEqual({ 200: 3 * POSTS + 1 })
  first.signal('SIGKILL')
  await first.exited

  await database.start()
  for (const { id } of [doomed, unverified]) {
    const deleted = await runCommand(`project delete ${id} --yes --wait`, database.url)
    expect([deleted.code, deleted.errors]).toEqual([0, ''])
  }
  const worker = await startRole('worker', database.url)
  releasers.add(worker.stop)
  const second = await start()
  await waitFor('an empty spool', async () =>
    (await readdir(spool.path, { recursive: true })).every((name) => !name.endsWith('.segment')),
  )
  await allDigested(sql, ofKept.length)
  const door = await waitFor('what was dropped to be counted', async () => {
    const books = await readDoorBooks(sql)
    return books.discarded + books.archived >= ofKept.length + ofOthers.length && books
  })
  expect(door).toMatchObject({ archived: ofKept.length, discarded: ofOthers.length, seenAgain: 0, keptAside: 0 })
  // Whose they were said to be is in no table any more.
  const [dropped] = await sql`
    SELECT json_agg(DISTINCT project_id) AS projects, json_agg(DISTINCT reason) AS reasons
    FROM outcome_hour WHERE outcome = 'discarded'`
  expect(dropped).toEqual({ projects: [0], reasons: ['unknown_key'] })
  for (const project of [doomed, unverified]) {
    const rows = await rowsOf(database, project)
    expect(Object.entries(rows).filter(([, count]) => count > 0)).toEqual([])
  }
  expect(await missingReports(sql, acceptedIds(ofKept))).toEqual([])
  expect(await readBooks(sql)).toEqual(balanced(ofKept.length))
  expect(await second.stop()).toBe(0)
  expect(await readdir(spool.path)).toEqual(['keys.json'])
}, 180_000)
