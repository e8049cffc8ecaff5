import { type Connection, connect, type Db } from '@rumen/db/connect'
import { createIssues, type NewIssue } from '@rumen/db/issue/create-issues'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { describeIssue } from '@rumen/db/issue/describe-issue'
import { findGroupings } from '@rumen/db/issue/find-groupings'
import { findIssue } from '@rumen/db/issue/find-issue'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { type GroupingRef, lockIssues } from '@rumen/db/issue/lock-issues'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { reopenIssue } from '@rumen/db/issue/reopen-issue'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { unmuteIssue } from '@rumen/db/issue/unmute-issue'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { readSuppressed } from '@rumen/db/suppressed/read-suppressed'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const LATER = new Date('2026-11-21T13:00:00Z')
const EVERY_TABLE = ['report', 'grouping', 'issue_hour', 'issue_tag', 'issue_user', 'activity', 'issue'] as const

interface Made extends IssueAddress {
  number: number
  wanted: NewIssue
  groupingId: number
}

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject
let bugs = 0

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 8, name: 'test' })
  ;({ db, sql } = connection)
  project = await createProject(db, { name: 'Shop 2' })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** An issue with ten events counted and no report. */
async function makeIssue(): Promise<Made> {
  const n = ++bugs
  return await makeIssueOf({
    project_id: project.id,
    key_hash: `\\x${n.toString(16).padStart(64, '0')}`,
    former_key_hash: null,
    mechanism: 'v1',
    key: `key ${n}`,
    parts: [],
    title: `Error ${n}`,
    culprit: 'main',
    type: 'Error',
    value: `boom ${n}`,
    level: 3,
    seen_at: NOW,
  })
}

async function makeIssueOf(wanted: NewIssue): Promise<Made> {
  const [groupingId = 0] = [...(await createIssues(db, [wanted])).values()]
  const [row] = await sql<[{ id: string; number: string }]>`
    UPDATE issue SET event_count = 10 FROM grouping
    WHERE grouping.id = ${groupingId} AND issue.id = grouping.issue_id RETURNING issue.id, issue.number`
  return { projectId: project.id, issueId: Number(row.id), number: Number(row.number), wanted, groupingId }
}

/** So many reports of each of three days, and a row of everything else that is counted. */
async function giveReports({ projectId, groupingId }: Made, perDay: number): Promise<void> {
  for (const ahead of [0, 1, 2]) await addReports(sql, { groupingId, count: perDay, ahead })
  await sql`INSERT INTO issue_hour VALUES (${projectId}, ${groupingId}, ${NOW.toISOString()}, 1)`
  await sql`INSERT INTO issue_tag SELECT ${projectId}, ${groupingId}, 'n', n, n FROM generate_series(1, 20) AS n`
  await sql`INSERT INTO issue_user SELECT ${projectId}, ${groupingId}, n, ${dayOf(NOW)} FROM generate_series(1, ${perDay}) AS n`
}

async function addReports(by: Sql, { groupingId, count, ahead }: { groupingId: number; count: number; ahead: number }) {
  await by`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
    SELECT ${project.id}, gen_random_uuid(), ${addDays(dayOf(new Date()), ahead)}, '\\x00', 0, ${groupingId}, now(), now(), 3
    FROM generate_series(1, ${count}::int)`
}

/** How many rows of each table belong to an issue. */
async function rowsOf({ issueId, groupingId }: Made): Promise<Record<string, number>> {
  const counts = EVERY_TABLE.map(async (table) => {
    const isOfIssue = table === 'issue' || table === 'activity' || table === 'grouping'
    const column = table === 'issue' ? 'id' : isOfIssue ? 'issue_id' : 'grouping_id'
    const id = isOfIssue ? issueId : groupingId
    const [row] = await sql<[{ count: number }]>`SELECT count(*)::int FROM ${sql(table)} WHERE ${sql(column)} = ${id}`
    return [table, row.count] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

const NOTHING = Object.fromEntries(EVERY_TABLE.map((table) => [table, 0]))

/** The grouping as a worker remembers it. */
function refOf({ wanted, groupingId }: Made): GroupingRef {
  return { project_id: wanted.project_id, grouping_id: groupingId }
}

async function statusOf({ issueId }: Made) {
  const [row] = await sql`
    SELECT status, resolved_at, resolved_in_release, muted_until, muted_until_count::int FROM issue WHERE id = ${issueId}`
  return row && { ...row, resolved_at: dateOf(row.resolved_at), muted_until: dateOf(row.muted_until) }
}

async function timelineOf({ issueId }: Made) {
  const rows = await sql`SELECT kind, at, data FROM activity WHERE issue_id = ${issueId} ORDER BY id`
  return rows.map((row) => ({ ...row, at: dateOf(row.at) }))
}

/** drizzle has the driver leave moments as PostgreSQL writes them. */
function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

/** The process ids of those of this database who wait for a row, once they are so many. */
async function waiting(count: number): Promise<number[]> {
  return await waitFor(`${count} behind a lock`, async () => {
    const rows = await sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return rows.length === count && rows.map(({ pid }) => pid)
  })
}

const NO_TERMS = { resolved_at: null, resolved_in_release: null, muted_until: null, muted_until_count: null }

describe('an issue', () => {
  test('is resolved once on the same terms, in a release on others, and reopened', async () => {
    const made = await makeIssue()
    expect(await resolveIssue(db, { ...made, now: NOW })).toBe('changed')
    expect(await resolveIssue(db, { ...made, now: LATER })).toBe('unchanged')
    expect(await statusOf(made)).toEqual({ ...NO_TERMS, status: 'resolved', resolved_at: NOW })
    expect(await resolveIssue(db, { ...made, inRelease: '2.0', now: LATER })).toBe('changed')
    expect(await resolveIssue(db, { ...made, inRelease: '2.0', now: NOW })).toBe('unchanged')
    const inRelease = { status: 'resolved', resolved_at: LATER, resolved_in_release: '2.0' }
    expect(await statusOf(made)).toEqual({ ...NO_TERMS, ...inRelease })
    expect(await reopenIssue(db, { ...made, now: LATER })).toBe('changed')
    expect(await reopenIssue(db, { ...made, now: LATER })).toBe('unchanged')
    expect(await statusOf(made)).toEqual({ ...NO_TERMS, status: 'unresolved' })
    expect(await timelineOf(made)).toEqual([
      { kind: 'resolved', at: NOW, data: { in_release: null } },
      { kind: 'resolved', at: LATER, data: { in_release: '2.0' } },
      { kind: 'reopened', at: LATER, data: {} },
    ])
  })

  test('is muted for good, until a moment, for events from now on, and unmuted', async () => {
    const made = await makeIssue()
    await resolveIssue(db, { ...made, now: NOW })
    expect(await muteIssue(db, { ...made, now: NOW })).toBe('changed')
    expect(await statusOf(made), 'nothing of the old status stays').toEqual({ ...NO_TERMS, status: 'muted' })
    expect(await muteIssue(db, { ...made, now: LATER })).toBe('unchanged')
    expect(await reopenIssue(db, { ...made, now: LATER }), 'it is not resolved').toBe('unchanged')
    expect(await muteIssue(db, { ...made, until: LATER, now: NOW })).toBe('changed')
    expect(await muteIssue(db, { ...made, until: new Date(LATER), now: NOW })).toBe('unchanged')
    expect(await muteIssue(db, { ...made, until: LATER, forEvents: 5, now: NOW })).toBe('changed')
    expect(await statusOf(made)).toEqual({ ...NO_TERMS, status: 'muted', muted_until: LATER, muted_until_count: 15 })
    expect(await unmuteIssue(db, { ...made, now: LATER })).toBe('changed')
    expect(await unmuteIssue(db, { ...made, now: LATER })).toBe('unchanged')
    expect(await statusOf(made)).toEqual({ ...NO_TERMS, status: 'unresolved' })
    expect((await timelineOf(made)).slice(1)).toEqual([
      { kind: 'muted', at: NOW, data: { until: null, events: null } },
      { kind: 'muted', at: NOW, data: { until: LATER.toISOString(), events: null } },
      { kind: 'muted', at: NOW, data: { until: LATER.toISOString(), events: 5 } },
      { kind: 'unmuted', at: LATER, data: {} },
    ])
  })

  test('resolved by two at the same moment is resolved once', async () => {
    const made = await makeIssue()
    const release = await hold(made)
    const resolving = Promise.all([NOW, LATER].map((now) => resolveIssue(db, { ...made, now })))
    await waiting(2)
    await release()
    const said = await resolving
    expect(said.toSorted()).toEqual(['changed', 'unchanged'])
    expect(await timelineOf(made)).toHaveLength(1)
  })

  test('is found by its name once it has an event, in its own project alone', async () => {
    const made = await makeIssue()
    const { number } = made
    const other = await createProject(db, { name: 'Other' })
    const { projectId, issueId } = made
    expect(await findIssue(db, { slug: project.slug, number })).toEqual({ projectId, issueId })
    expect(await findIssue(db, { slug: other.slug, number })).toBeNull()
    expect(await findIssue(db, { slug: project.slug, number: 999_999_999_999_999 })).toBeNull()
    await sql`UPDATE issue SET event_count = 0 WHERE id = ${issueId}`
    expect(await findIssue(db, { slug: project.slug, number })).toBeNull()
  })

  test('nobody has is told apart by every verb', async () => {
    const { projectId } = await makeIssue()
    for (const nobody of [
      { projectId, issueId: 999_999 },
      { projectId: parseProjectId('18446744073709551615'), issueId: 1 },
    ]) {
      for (const verb of [resolveIssue, muteIssue, unmuteIssue, reopenIssue, deleteIssue]) {
        expect(await verb(db, { ...nobody, now: NOW })).toBe('unknown_issue')
      }
    }
  })

  test('is described with the most frequent value of its tags and the end of its timeline', async () => {
    const made = await makeIssue()
    await giveReports(made, 3)
    await sql`INSERT INTO issue_tag VALUES (${made.projectId}, ${made.groupingId}, 'rare', 'x', 1)`
    await muteIssue(db, { ...made, now: NOW })
    await unmuteIssue(db, { ...made, now: LATER })
    expect(await describeIssue(db, made)).toMatchObject({
      issue: { title: made.wanted.title, status: 'unresolved', event_count: 10 },
      tags: [
        { key: 'n', value: '20', eventCount: 20 },
        { key: 'rare', value: 'x', eventCount: 1 },
      ],
      activity: [
        { kind: 'unmuted', at: LATER },
        { kind: 'muted', at: NOW },
      ],
    })
  })
})

describe('deleting an issue', () => {
  test('takes everything of it, more than one batch of each, and nothing of another', async () => {
    const [made, other] = [await makeIssue(), await makeIssue()]
    await giveReports(made, 5_500)
    await giveReports(other, 2)
    await resolveIssue(db, { ...made, now: NOW })
    const others = await rowsOf(other)
    expect(await rowsOf(made)).toMatchObject({ report: 16_500, issue_user: 5_500, activity: 1 })
    expect(await deleteIssue(db, made)).toBe('deleted')
    expect(await rowsOf(made)).toEqual(NOTHING)
    expect(await rowsOf(other)).toEqual(others)
    expect(await deleteIssue(db, made)).toBe('unknown_issue')
  })

  test('takes the reports of every grouping that was merged into it', async () => {
    const [made, merged] = [await makeIssue(), await makeIssue()]
    for (const one of [made, merged]) await giveReports(one, 2)
    await sql`UPDATE grouping SET issue_id = ${made.issueId} WHERE id = ${merged.groupingId}`
    await deleteIssue(db, made)
    expect(await rowsOf(made)).toEqual(NOTHING)
    expect(await rowsOf(merged)).toMatchObject({ report: 0, grouping: 0, issue: 1 })
  })

  test('notes every report that goes with it, so that none comes back out of its archive', async () => {
    const [made, other] = [await makeIssue(), await makeIssue()]
    await giveReports(made, 2)
    await giveReports(other, 1)
    await sql`
      UPDATE report SET archive_hash = uuid_send(event_id), item_index = 3 WHERE grouping_id = ${made.groupingId}`
    const places = await sql`
      SELECT day, archive_hash, item_index, 'issue_deleted' AS reason FROM report WHERE grouping_id = ${made.groupingId}
      ORDER BY day, archive_hash`
    expect(places).toHaveLength(6)
    await sql`DELETE FROM suppressed`
    await deleteIssue(db, made)
    expect(await sql`SELECT day, archive_hash, item_index, reason FROM suppressed ORDER BY day, archive_hash`).toEqual(
      places,
    )
    const [first] = places
    const address = { projectId: project.id, day: first?.day, hash: first?.archive_hash.toString('hex') }
    const read = await readSuppressed(db, [address, { ...address, hash: '00' }])
    expect([3, 4].map((item) => read.isSuppressed(address, item))).toEqual([true, false])
    expect(read.reasonOf(address, 3)).toBe('issue_deleted')
    expect(read.isSuppressed({ ...address, hash: '00' }, 3)).toBe(false)
    expect(read.isSuppressed({ ...address, projectId: parseProjectId('404') }, 3)).toBe(false)
  })

  test('lets the same bug begin a new issue, with a new number', async () => {
    const made = await makeIssue()
    await deleteIssue(db, made)
    const again = await makeIssueOf(made.wanted)
    expect(again.number).toBeGreaterThan(made.number)
    expect(await statusOf(again)).toMatchObject({ status: 'unresolved' })
  })

  test('waits for a worker that counts for it, and takes what that wrote', async () => {
    const made = await makeIssue()
    await giveReports(made, 1)
    const worker = await sql.reserve()
    await worker`BEGIN`
    await addReports(worker, { groupingId: made.groupingId, count: 1, ahead: 0 })
    await worker`SELECT FROM issue WHERE id = ${made.issueId} FOR NO KEY UPDATE`
    const deleting = deleteIssue(db, made)
    await waiting(1)
    await worker`COMMIT`
    worker.release()
    expect(await deleting).toBe('deleted')
    expect(await rowsOf(made)).toEqual(NOTHING)
  })

  test('leaves a worker that waited behind it nothing to count for', async () => {
    const made = await makeIssue()
    const release = await hold(made)
    const deleting = deleteIssue(db, made)
    await waiting(1)
    const counting = db.transaction((tx) => lockIssues(tx, [refOf(made)]))
    await waiting(2)
    await release()
    expect(await deleting).toBe('deleted')
    expect(await counting).toEqual(new Map())
  })

  test('killed half-way has hidden the issue, takes no more events for it, and is finished by calling it again', async () => {
    const made = await makeIssue()
    await giveReports(made, 2)
    const release = await killedHalfWay(made)
    expect(await rowsOf(made)).toMatchObject({ report: 6, issue: 1 })
    expect(await resolveIssue(db, { ...made, now: NOW })).toBe('unknown_issue')
    expect(await describeIssue(db, made)).toBeNull()
    expect(await findGroupings(db, [made.wanted]), 'its key is nobody’s').toEqual(new Map())
    const held = await db.transaction((tx) => lockIssues(tx, [refOf(made)]))
    expect(held, 'nor is it to be counted for').toEqual(new Map())
    const again = await makeIssueOf(made.wanted)
    await giveReports(again, 1)
    const before = await rowsOf(again)
    await release()
    const found = await findIssue(db, { slug: project.slug, number: made.number })
    expect(found && (await deleteIssue(db, found))).toBe('deleted')
    expect(await rowsOf(made)).toEqual(NOTHING)
    expect(await rowsOf(again), 'the new one has nothing to do with it').toEqual(before)
  })

  test('by two at the same moment deletes it once', async () => {
    const made = await makeIssue()
    await giveReports(made, 500)
    const said = await Promise.all([deleteIssue(db, made), deleteIssue(db, made)])
    expect(said).toContain('deleted')
    expect(await rowsOf(made)).toEqual(NOTHING)
  })
})

/** Holds an issue's row until the answer is called. */
async function hold({ issueId }: Made): Promise<() => Promise<void>> {
  const holder = await sql.reserve()
  await holder`BEGIN`
  await holder`SELECT FROM issue WHERE id = ${issueId} FOR UPDATE`
  return async () => {
    await holder`COMMIT`
    holder.release()
  }
}

/** Ends the connection of a deletion while it waits for a report that somebody holds until the answer is called. */
async function killedHalfWay(made: Made): Promise<() => Promise<void>> {
  const holder = await sql.reserve()
  await holder`BEGIN`
  await holder`SELECT FROM report WHERE grouping_id = ${made.groupingId} FOR UPDATE`
  const doomed = connect(database.url, { poolSize: 1, name: 'test' })
  const failing = expect(deleteIssue(doomed.db, made)).rejects.toThrow()
  const [pid = 0] = await waiting(1)
  await sql`SELECT pg_terminate_backend(${pid})`
  await failing
  await doomed.sql.end({ timeout: 0 })
  return async () => {
    await holder`ROLLBACK`
    holder.release()
  }
}
