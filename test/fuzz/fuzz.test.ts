import { hash } from 'node:crypto'
import { compress } from '@rumen/protocol/content-encoding'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allDigested } from '../faults/all-digested.ts'
import { readDoorBooks } from '../faults/door-books.ts'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { createReleasers } from '../support/releasers.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { watchMemory } from '../support/watch-memory.ts'
import { createExchanger, type Exchanged, type Exchanger } from './exchange.ts'
import type { FuzzRequest } from './fuzz-request.ts'
import { keepRequests, readKept } from './kept-requests.ts'
import { FUZZ_PROJECT, fuzzRequest } from './requests.ts'

/** How many requests are made up: a few thousand, unless FUZZ_RUNS says otherwise (`pnpm fuzz`). */
const RUNS = Number(process.env.FUZZ_RUNS ?? 3_000)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const AT_ONCE = 16
/** Ten times what they take; what breaks a promise is made smaller in it, too. */
const timeLimitMs = (runs: number) => 20_000 + runs * 20
const TIMEOUT_MS = 60_000 + 2 * timeLimitMs(RUNS)

const KiB = 1024
/** The collector takes its time; a kilobyte that is never given back goes beyond it in 100,000 requests. */
const GROWN_MIB_MAX = 64
/** Small, so that made-up bodies come to them, and short, so that what is cut is not waited for. */
const LIMITS = {
  MAX_COMPRESSED_PAYLOAD_BYTES: `${128 * KiB}`,
  MAX_UNCOMPRESSED_PAYLOAD_BYTES: `${512 * KiB}`,
  MAX_EVENT_BYTES: `${64 * KiB}`,
  REQUEST_HEADER_TIMEOUT_SECS: '2',
  BODY_FIRST_BYTE_TIMEOUT_SECS: '2',
  BODY_TIMEOUT_SECS: '3',
  ANALYTICS_FLUSH_INTERVAL_SECS: '1',
  // That events wait to be digested is worth a warning everywhere but here.
  LOG_LEVEL: 'error',
}

/** What an SDK sends, for the end. */
const GOOD: FuzzRequest = {
  method: 'POST',
  target: `/api/${FUZZ_PROJECT.id}/envelope/?sentry_key=${FUZZ_PROJECT.publicKey}`,
  headers: [],
  framing: { kind: 'length' },
  payload: Buffer.from(makeEnvelope(makeEvent())),
}

const releasers = createReleasers()
let stack: Stack
let gateway: RoleProcess
let exchangers: readonly Exchanger[]
let sentCount = 0
let takenCount = 0

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const { id, publicKey } = FUZZ_PROJECT
  await stack.sql`INSERT INTO project (id, slug, name) OVERRIDING SYSTEM VALUE VALUES (${id}, 'fuzz', 'Fuzz')`
  await stack.sql`INSERT INTO project_counter (project_id) VALUES (${id})`
  await stack.sql`INSERT INTO grouping_config (project_id, version) VALUES (${id}, 1)`
  await stack.sql`INSERT INTO project_key (project_id, public_key) VALUES (${id}, ${publicKey})`
  gateway = await stack.addGateway(LIMITS)
  exchangers = Array.from({ length: AT_ONCE }, () => createExchanger(gateway.port))
  releasers.add(() => {
    for (const exchanger of exchangers) exchanger.close()
  })
})

afterAll(releasers.releaseAll)

/** Sends them at the same time, each over a connection of its own, and says which promises were broken. */
async function brokenBy(requests: readonly FuzzRequest[]): Promise<readonly string[]> {
  const exchanged = await Promise.all(
    requests.map(async (request, at) => ({ request, ...(await exchangers[at]?.exchange(request)) })),
  )
  sentCount += requests.length
  const broken = exchanged.flatMap(({ request, answers = [], connection = 'hung' }) =>
    complaintsOf(request, { answers, connection }),
  )
  const lost = await lostOf(
    exchanged.filter(
      ({ request, answers = [] }) => isEnvelope(request) && answers.some(({ status }) => status === 200),
    ),
  )
  takenCount += exchanged.flatMap(({ answers = [] }) => answers).filter(isTaken).length
  return [...broken, ...lost.map(({ target }) => `${target} was answered 200 and is not archived`)]
}

function complaintsOf({ framing, method, target }: FuzzRequest, { answers, connection }: Exchanged): readonly string[] {
  const what = `${method} ${target.slice(0, 80)}`
  const failed = answers
    .filter(({ status }) => status >= 500)
    .map(({ status, body }) => `${what} was answered ${status} ${body}`)
  if (connection === 'hung') failed.push(`${what} was not answered and not closed`)
  // A request that is whole is answered, whatever it says.
  const isSilent = answers.length === 0 && connection !== 'hung'
  if (framing.kind !== 'broken' && isSilent) failed.push(`${what}: ${connection} without an answer`)
  return failed
}

function isEnvelope({ method, target }: FuzzRequest): boolean {
  return method === 'POST' && /\/envelope\/*(\?|$)/.test(target)
}

/** An answer to something that was kept, not to a question what there is. */
function isTaken({ status, head }: Exchanged['answers'][number]): boolean {
  return status >= 200 && status < 300 && !/access-control-max-age/i.test(head)
}

/** Stored are the bytes as they came, or compressed where they came plain. */
async function lostOf(answered: readonly { request: FuzzRequest }[]): Promise<readonly FuzzRequest[]> {
  const whole = answered.filter(({ request }) => request.framing.kind !== 'broken')
  if (whole.length === 0) return []
  const hashesOf = ({ payload }: FuzzRequest) => [payload, compress(payload)].map((bytes) => hash('sha256', bytes))
  const wanted = whole.map(({ request }) => ({ request, hashes: hashesOf(request) }))
  const rows = await stack.sql<{ hash: string }[]>`
    SELECT encode(hash, 'hex') AS hash FROM archive
    WHERE project_id = ${FUZZ_PROJECT.id} AND encode(hash, 'hex') = ANY (${wanted.flatMap(({ hashes }) => hashes)})`
  const archived = new Set(rows.map((row) => row.hash))
  return wanted.filter(({ hashes }) => !hashes.some((one) => archived.has(one))).map(({ request }) => request)
}

test('requests that once broke a promise do so no more', async () => {
  for (const { file, requests } of await readKept()) expect(await brokenBy(requests), file).toEqual([])
}, 120_000)

/** Makes up so many requests; those that break a promise are made as small as time allows, and kept. */
async function fuzz(runs: number, seed: number): Promise<void> {
  const before = sentCount
  const batch = fc.array(fuzzRequest, { minLength: 1, maxLength: AT_ONCE, size: 'max' })
  const property = fc.asyncProperty(batch, async (requests) => {
    const broken = await brokenBy(requests)
    if (broken.length > 0) throw new Error(broken.join('\n'))
  })
  // A batch has half as many on average, or a little less.
  const numRuns = Math.ceil(runs / (AT_ONCE / 2 - 2))
  const details = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit: timeLimitMs(runs) })
  if (details.counterexample) {
    const broke = String(details.errorInstance ?? 'a promise')
    const file = await keepRequests(details.counterexample[0], { broke, seed })
    expect.fail(`kept as test/fuzz/fixtures/${file}\n${await fc.asyncDefaultReportMessage(details)}`)
  }
  expect(sentCount - before, 'too slow').toBeGreaterThanOrEqual(runs)
}

test(
  'whatever is sent, the gateway answers, keeps what it answers 200, and stays as large as it was',
  async () => {
    // Its heap finds the size it works at in the first third.
    await fuzz(RUNS / 3, SEED)
    const grownMiB = await watchMemory(gateway.pid)
    await fuzz((RUNS * 2) / 3, SEED + 1)

    const [good] = (await exchangers[0]?.exchange(GOOD))?.answers ?? []
    expect(good?.status, gateway.output()).toBe(200)
    expect((await grownMiB()) ?? 0).toBeLessThan(GROWN_MIB_MAX)
    expect(gateway.output()).toBe('')
    expect(await gateway.stop()).toBe(0)
    const [archive] = await stack.sql<[{ count: number }]>`SELECT count(*)::int FROM archive`
    const door = await readDoorBooks(stack.sql)
    expect(door.archived, 'the ledger counts what is there').toBe(archive.count)
    expect(door.accepted, 'and at least what the clients saw').toBeGreaterThanOrEqual(takenCount)
    await stack.addWorker({ LOG_LEVEL: 'error' })
    await allDigested(stack.sql, archive.count, TIMEOUT_MS)
    const ours =
      await stack.sql`SELECT encode(archive_hash, 'hex') AS hash, message FROM digest_error WHERE code = 'digest_failed'`
    expect(ours, 'what the digest blamed on itself').toEqual([])
  },
  TIMEOUT_MS,
)
