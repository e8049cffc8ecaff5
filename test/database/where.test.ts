import { createHash, randomUUID } from 'node:crypto'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { addHours } from '@rumen/db/outcome/add-hours'
import { dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { findEvent, type Whereabouts } from '@rumen/db/where/find-event'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { EventId } from '@rumen/protocol/brand'
import { parseEventId } from '@rumen/protocol/event-id'
import { DEAD_QUEUE, DIGEST_QUEUE, DIGEST_QUEUES, type DigestQueue } from '@rumen/queue/digest-queue'
import { type ClaimedJob, type Consumer, startConsumer } from '@rumen/queue/start-consumer'
import { type Sender, startSender } from '@rumen/queue/start-sender'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const JOBS = 120_000

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let sender: Sender
let consumer: Consumer
let shop: NewProject
let blog: NewProject

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 3, name: 'test' })
  ;({ db, sql } = connection)
  sender = await startSender(database.url, onError)
  consumer = await startConsumer(database.url, onError)
  shop = await createProject(db, { name: 'Shop' })
  blog = await createProject(db, { name: 'Blog' })
})

afterEach(async () => {
  await sql`DELETE FROM pgboss.job`
  await sql`DELETE FROM outcome_hour`
})

afterAll(async () => {
  await Promise.all([sender.stop(), consumer.stop()])
  await connection.close()
  await database.drop()
})

function onError(error: Error): void {
  throw error
}

function newId(): EventId {
  const id = parseEventId(randomUUID())
  if (id === null) throw new Error('no id')
  return id
}

interface Came {
  project: NewProject
  eventId: EventId
  day: string
  hash: string
}

/** An archive as a gateway leaves it, `minutesAgo` by its clock. */
async function receive(project: NewProject, eventId: EventId, minutesAgo = 0): Promise<Came> {
  const receivedAt = new Date(Date.now() - minutesAgo * 60_000).toISOString()
  const hash = createHash('sha256').update(randomUUID()).digest('hex')
  const day = dayOf(new Date())
  await sql`
    INSERT INTO archive (project_id, day, hash, event_id, received_at, endpoint, encoding, wire_bytes, body)
    VALUES (${project.id}, ${day}, decode(${hash}, 'hex'), ${eventId}, ${receivedAt}, 'envelope', 'gzip', 1, 'x')`
  return { project, eventId, day, hash }
}

async function enqueue(came: readonly Came[], { queue = DIGEST_QUEUE, priority = 0 } = {}): Promise<void> {
  const jobs = came.map(({ project, day, hash }) => ({
    queue: queue as DigestQueue,
    priority,
    project_id: project.id,
    day,
    hash,
  }))
  await sql.begin((tx) =>
    sender.enqueue(
      { executeSql: async (text, values = []) => ({ rows: await tx.unsafe(text, values as string[]) }) },
      jobs,
    ),
  )
}

/** The event's report, as a digest writes it. */
async function store({ project, eventId, day, hash }: Came, number: number): Promise<void> {
  const [issue] = await sql<[{ id: string }]>`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen)
    VALUES (${project.id}, ${number}, 'boom', '', 4, now(), now()) RETURNING id`
  const [grouping] = await sql<[{ id: string }]>`
    INSERT INTO "grouping" (project_id, key_hash, issue_id, mechanism, key, parts)
    VALUES (${project.id}, decode(${hash}, 'hex'), ${issue.id}, 'v1', 'key', '[]') RETURNING id`
  await sql`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
    VALUES (${project.id}, ${eventId}, ${day}, decode(${hash}, 'hex'), 0, ${grouping.id}, now(), now(), 4)`
}

async function reject({ project, day, hash }: Came, eventId: EventId | null): Promise<void> {
  await sql`
    INSERT INTO digest_error (project_id, day, archive_hash, item_type, event_id, code, message)
    VALUES (${project.id}, ${day}, decode(${hash}, 'hex'), 'event', ${eventId}, 'bad_json', 'it ends too early')`
}

async function where(eventId: EventId, project: NewProject | null = null): Promise<Whereabouts> {
  const queues = { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }
  return await findEvent(db, { eventId, projectId: project?.id ?? null, queues, hours: 24 })
}

/** What is said, in short: kind, project, and what tells it from others. */
async function answers(eventId: EventId, project: NewProject | null = null): Promise<string[]> {
  const { sightings } = await where(eventId, project)
  return sightings.map((sighting) => {
    const { project: slug, kind, name } = sighting.trace
    const said = sighting.kind === 'kept' ? kind : sighting.kind === 'queued' ? sighting.job.state : sighting.kind
    return [slug, said, ...(name === null ? [] : [name])].join(' ')
  })
}

async function claimOne(): Promise<ClaimedJob> {
  const [job] = await consumer.claim(1)
  if (!job) throw new Error('no job was there')
  return job
}

test('an event that was digested is stored in its issue; what came again with its id is a duplicate', async () => {
  const eventId = newId()
  const [first, again] = [await receive(shop, eventId, 10), await receive(shop, eventId, 5)]
  await store(first, 12)
  expect(await answers(eventId)).toEqual(['shop stored shop-12', 'shop duplicate'])
  const { sightings } = await where(eventId)
  expect(sightings).toMatchObject([
    { kind: 'kept', trace: { hash: first.hash, day: first.day, endedAt: expect.any(Date) } },
    { kind: 'duplicate', trace: { hash: again.hash }, of: { hash: first.hash } },
  ])
})

test('every project with the id answers, or the one that is asked for', async () => {
  const eventId = newId()
  await store(await receive(shop, eventId), 20)
  await enqueue([await receive(blog, eventId)])
  expect(await answers(eventId)).toEqual(['shop stored shop-20', 'blog waiting'])
  expect(await answers(eventId, blog)).toEqual(['blog waiting'])
})

test('an event that waits knows how many go before it, by priority and then by age', async () => {
  const eventId = newId()
  const mine = await receive(shop, eventId)
  const others = await Promise.all(Array.from({ length: 6 }, () => receive(shop, newId())))
  await enqueue(others.slice(0, 2))
  await enqueue([mine])
  await enqueue(others.slice(2, 3))
  await enqueue(others.slice(3, 6), { priority: 10 })
  const { sightings } = await where(eventId)
  expect(sightings).toMatchObject([
    { kind: 'queued', job: { state: 'waiting', queue: 'digest', ahead: 5, isMore: false, tries: 0 } },
  ])
})

test('a job that was made hours after its archive, out of a spool, is found too', async () => {
  const eventId = newId()
  await enqueue([await receive(shop, eventId, 180)])
  expect(await answers(eventId)).toEqual(['shop waiting'])
})

test('an event in the hands of a worker, put off, and given up says so, and why', async () => {
  const eventId = newId()
  await enqueue([await receive(shop, eventId)])
  const job = await claimOne()
  expect(await answers(eventId)).toEqual(['shop digesting'])
  await consumer.giveBack([job], 'the disk is full')
  expect((await where(eventId)).sightings).toMatchObject([{ job: { state: 'waiting', tries: 1 } }])
  await sql`UPDATE pgboss.job SET retry_limit = 1, start_after = now()`
  await consumer.giveBack([await claimOne()], 'the disk is full')
  expect((await where(eventId)).sightings).toMatchObject([
    { kind: 'queued', job: { state: 'dead', tries: 2, reason: 'the disk is full' } },
  ])
})

test('a rejection is found by the event’s id and by its archive', async () => {
  const [known, unknown] = [newId(), newId()]
  const archives = [await receive(shop, newId()), await receive(shop, unknown)]
  await reject(archives[0] ?? never(), known)
  await reject(archives[1] ?? never(), null)
  for (const [at, eventId] of [known, unknown].entries()) {
    const { sightings } = await where(eventId)
    expect(sightings).toMatchObject([
      { kind: 'kept', trace: { kind: 'rejected', name: 'event', code: 'bad_json', message: 'it ends too early' } },
    ])
    // The moment, not the day it lies in.
    const [archive] =
      await sql`SELECT received_at AS "receivedAt" FROM archive WHERE hash = ${Buffer.from(archives[at]?.hash ?? '', 'hex')}`
    expect(sightings[0]).toMatchObject({ trace: { receivedAt: new Date(archive?.receivedAt) } })
  }
})

test('files, feedback and transactions answer to the id', async () => {
  const eventId = newId()
  const { day, hash, project } = await receive(shop, eventId)
  const place = {
    project_id: project.id,
    day,
    archive_hash: Buffer.from(hash, 'hex'),
    received_at: new Date().toISOString(),
  }
  await sql`
    INSERT INTO transaction_event ${sql({
      ...place,
      event_id: eventId,
      item_index: 0,
      started_at: new Date().toISOString(),
      duration_ms: 1,
    })}`
  await sql`INSERT INTO feedback ${sql({ ...place, event_id: eventId, item_index: 1, message: 'help' })}`
  await sql`
    INSERT INTO attachment ${sql({
      ...place,
      event_id: eventId,
      item_index: 2,
      name: 'log.txt',
      attachment_type: 'event.attachment',
      content_type: 'text/plain',
      size: 3,
      byte_offset: 0,
    })}`
  expect(await answers(eventId)).toEqual(['shop attachment log.txt', 'shop feedback', 'shop transaction'])
})

test('what was only counted, and what was removed since, is told apart', async () => {
  const [counted, removed] = [newId(), newId()]
  await receive(shop, counted)
  await sql`INSERT INTO seen (project_id, key, day) VALUES (${shop.id}, ${removed}, current_date - 80)`
  expect(await answers(counted)).toEqual(['shop counted'])
  expect(await answers(removed)).toEqual(['shop removed'])
})

test('of what was never seen, the door’s refusals of the day are told, and what still waits in spools', async () => {
  const hour = (ago: number) => new Date(Math.floor(Date.now() / 3_600_000 - ago) * 3_600_000).toISOString()
  const row = (project_id: string, ago: number, ending: string, quantity: number) => {
    const [outcome = '', reason = ''] = ending.split(' ')
    return { project_id, hour: hour(ago), item_type: 'request', outcome, reason, quantity }
  }
  const counts = [
    row(shop.id, 1, 'rate_limited quota', 3),
    row(shop.id, 2, 'rate_limited quota', 4),
    row(blog.id, 1, 'too_large body', 2),
    row('0', 1, 'unauthorized unknown_key', 1),
    row(shop.id, 30, 'malformed old', 9),
    row(shop.id, 1, 'archived', 50),
    row(shop.id, 1, 'spooled', 8),
    row(shop.id, 1, 'archived spool', 5),
  ]
  await addHours(db, counts, () => undefined)
  const { sightings, door } = await where(newId(), shop)
  expect(sightings).toEqual([])
  expect(door).toEqual({
    refusals: [
      { project: 'shop', outcome: 'rate_limited', reason: 'quota', quantity: 7 },
      { project: null, outcome: 'unauthorized', reason: 'unknown_key', quantity: 1 },
    ],
    spooled: 3,
  })
  expect((await where(newId())).door.refusals).toHaveLength(3)
})

test('with more jobs waiting than are counted the answer comes soon, and says that there are more', async () => {
  const eventId = newId()
  const mine = await receive(shop, eventId)
  await sql.begin(async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`
    await tx`
      INSERT INTO pgboss.job (name, priority, data, policy, created_on)
      SELECT ${DIGEST_QUEUE}, 0, '{"project_id": "1"}', 'standard', now() - n * interval '1 ms'
      FROM generate_series(1, ${JOBS}) AS n`
  })
  await enqueue([mine])
  const begin = performance.now()
  const { sightings } = await where(eventId)
  expect(sightings).toMatchObject([{ job: { state: 'waiting', ahead: 100_000, isMore: true } }])
  // No index knows an archive's job: of one that has none, all of them are read.
  expect(await answers((await receive(shop, newId(), 180)).eventId)).toEqual(['shop counted'])
  expect(performance.now() - begin).toBeLessThan(10_000)
}, 60_000)

function never(): never {
  throw new Error('this test is wrong')
}
