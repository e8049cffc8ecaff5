import { readdir } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { type Random, seededRandom } from '../bench/load/seeded-random.ts'
import { processUsage } from '../bench/stage/process-usage.ts'
import { postEnvelope } from '../support/post-event.ts'
import { acceptedIds, postOne, postSteadily } from '../support/post-steadily.ts'
import { createReleasers } from '../support/releasers.ts'
import { waitFor } from '../support/wait-for.ts'
import { missingReports } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { type Crew, startCrew } from './storm/crew.ts'
import { FAULTS } from './storm/faults.ts'

// One fault after the other under load, in an order the seed gives. `pnpm test:faults` has it last for minutes, in another
// order each time; RUMEN_FAULT_SEED=… has the same order again.

const IS_LONG = process.env.RUMEN_FAULT_COUNT !== undefined
const SEED = Number(process.env.RUMEN_FAULT_SEED ?? (IS_LONG ? Date.now() % 1_000_000 : 1))
const FAULTS_COUNT = Number(process.env.RUMEN_FAULT_COUNT ?? 6)
const RATE_PER_SEC = 30
const CALM_MS_MAX = 120_000
/** What has failed seven times, as it may where claims lapse after two seconds, waits two minutes for its next try. */
const DRAINED_MS_MAX = 300_000
/** A process that has seen much may hold what it once needed, not what it no longer uses. */
const MEMORY_MAX_MIB = 350

const releasers = createReleasers()
afterEach(releasers.releaseAll)

/** An event nobody can read: archived, and rejected by the digest, which it must not hold up. */
const UNREADABLE = '{"event_id":"00000000000000000000000000000000"}\n{"type":"event"}\n{"message": cut off'

/** Some requests after another, all of them answered 200. */
async function calm(statuses: () => readonly (number | null)[]): Promise<void> {
  await waitFor(
    'answers',
    () =>
      statuses().length >= RATE_PER_SEC &&
      statuses()
        .slice(-RATE_PER_SEC)
        .every((s) => s === 200),
    CALM_MS_MAX,
  )
}

async function postUnreadable({ balancer, database: { project } }: Crew, n: number): Promise<void> {
  const id = n.toString(16).padStart(32, 'f')
  const response = await postEnvelope(balancer.url, project, UNREADABLE.replace('0'.repeat(32), id)).catch(() => null)
  await response?.arrayBuffer()
}

test(
  `seed ${SEED}: ${FAULTS_COUNT} faults one after the other lose nothing that was answered, and bring nothing in twice`,
  async () => {
    const random = seededRandom(SEED)
    const crew = await startCrew()
    releasers.add(crew.stop)
    const { database, balancer } = crew
    await waitFor('both gateways', () => balancer.readyCount() === 2)
    const load = postSteadily(RATE_PER_SEC, () => postOne(balancer.url, database.project))
    releasers.add(load.stop)
    const names = Object.keys(FAULTS)
    for (let n = 0; n < FAULTS_COUNT; n++) {
      const before = load.posted.length
      // All of them before the first one again.
      if (n % names.length === 0) shuffle(names, random)
      const name = names[n % names.length] ?? ''
      if (IS_LONG) process.stdout.write(`${n + 1}. ${name}\n`)
      await postUnreadable(crew, n)
      await FAULTS[name]?.(crew, random)
      await calm(() => load.posted.slice(before).map(({ status }) => status))
    }
    const posted = await load.stop()

    await waitFor(
      'everything to be digested and the spools to be empty',
      async () => (await readBooks(database.sql)).jobs === 0 && (await spooled(crew)).length === 0,
      DRAINED_MS_MAX,
    ).catch(async (error: unknown) => {
      throw new Error(`seed ${SEED}: left are ${JSON.stringify(await left(crew))}`, { cause: error })
    })
    expect(await missingReports(database.sql, acceptedIds(posted)), `seed ${SEED}`).toEqual([])
    const books = await readBooks(database.sql)
    const [rejected] =
      await database.sql`SELECT count(*)::int AS count, min(code) AS code, max(code) AS other FROM digest_error`
    expect(rejected).toMatchObject({ code: 'bad_json', other: 'bad_json' })
    expect(books, `seed ${SEED}`).toEqual({ ...balanced(books.reports), archives: books.reports + rejected?.count })
    for (const { pid } of [...crew.running.gateway, ...crew.running.worker]) {
      expect((await processUsage(pid))?.residentMiB ?? 0).toBeLessThan(MEMORY_MAX_MIB)
    }
  },
  420_000 + FAULTS_COUNT * 30_000,
)

function shuffle(names: string[], random: Random): void {
  for (let last = names.length - 1; last > 0; last--) {
    const other = random(last + 1)
    ;[names[last], names[other]] = [names[other] ?? '', names[last] ?? '']
  }
}

/** Segments that wait in spools. */
async function spooled({ spoolFolder }: Crew): Promise<readonly string[]> {
  const names = await readdir(spoolFolder, { recursive: true })
  return names.filter((name) => name.endsWith('.segment'))
}

/** What keeps a storm from coming to its end, for whoever has to find out why. */
async function left(crew: Crew) {
  const jobs = await crew.database.sql`
    SELECT name, state::text AS state, retry_count, count(*)::int AS jobs,
      max(start_after) - now() AS waits, now() - min(started_on) AS runs
    FROM pgboss.job WHERE name LIKE 'digest%' GROUP BY 1, 2, 3`
  return { jobs, spooled: await spooled(crew) }
}
