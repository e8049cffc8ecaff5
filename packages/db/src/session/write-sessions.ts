import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ProjectId } from '@rumen/protocol/brand'
import { hourOf, mergeSession, type SessionState, transition } from '@rumen/protocol/merge-session'
import type { SessionUpdate } from '@rumen/protocol/read-session'
import type { SessionSums } from '@rumen/protocol/read-sessions'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import { addDays, type Day, dayOf } from '../partition/day.ts'
import { columnList, recordset } from '../recordset.ts'
import { session } from '../tables/session.ts'
import { countSessions, type SessionDelta } from './count-sessions.ts'
import { findNames, type NameAddress, nameAddress } from './find-names.ts'
import { findSessions, type SessionRow } from './find-sessions.ts'
import { lockSessions } from './lock-sessions.ts'
import { dayFor } from './session-days.ts'

/** Whose it is, and the ids of its release and environment: committed ones, 0 for no environment. */
interface Named {
  projectId: ProjectId
  releaseId: number
  environmentId: number
}

export interface SessionBatch {
  updates: readonly (Named & { update: SessionUpdate })[]
  sums: readonly (Named & { sums: SessionSums })[]
  /** What `createSessionDays` reads. */
  days: readonly Day[]
}

/** All updates of one session in the batch. */
type SameSession = SessionBatch['updates']

/** A session before and after its updates. */
export interface MergedSession {
  row: SessionRow
  isNew: boolean
  hasChanged: boolean
  deltas: readonly SessionDelta[]
}

/** Updates the protocol lets through at one moment start within five days of each other; a few of them may cross midnight. */
const DAYS_APART_MAX = 6

/**
 * Merges the updates into their sessions, adds what that changes to the hours, and adds the sums. At most ten
 * statements, however large the batch. Any number of workers may merge into the same sessions at once; the result is
 * that of any order of all the updates. Only which day a session is stored under is up to the first of them.
 */
export async function writeSessions(tx: Tx, { updates, sums, days }: SessionBatch): Promise<void> {
  await writeMerged(tx, await mergeSessions(tx, { updates, days }), sums)
}

/** What the updates make of their sessions, which stay locked until the transaction ends; nothing is written yet. */
export async function mergeSessions(
  tx: Tx,
  { updates, days }: Pick<SessionBatch, 'updates' | 'days'>,
): Promise<readonly MergedSession[]> {
  const sessions = Map.groupBy(updates, ({ projectId, update }) => `${projectId} ${update.sid}`)
  return sessions.size === 0 ? [] : await mergeInto(tx, sessions, days)
}

/** Writes merged sessions, what that changes of the hours, and sums. */
export async function writeMerged(
  tx: Tx,
  changes: readonly MergedSession[],
  sums: SessionBatch['sums'],
): Promise<void> {
  await insertRows(
    tx,
    session,
    changes.filter(({ isNew }) => isNew).map(({ row }) => row),
  )
  await updateRows(
    tx,
    changes.filter(({ isNew, hasChanged }) => !isNew && hasChanged).map(({ row }) => row),
  )
  await countSessions(tx, [...changes.flatMap(({ deltas }) => deltas), ...sums.flatMap(deltasOfSums)])
}

async function mergeInto(
  tx: Tx,
  sessions: ReadonlyMap<string, SameSession>,
  days: readonly Day[],
): Promise<readonly MergedSession[]> {
  const groups = [...sessions.values()]
  const addresses = groups.flatMap(([one]) => (one ? [{ project_id: one.projectId, sid: one.update.sid }] : []))
  await lockSessions(tx, addresses)
  const found = await findSessions(tx, addresses, daysToSearch(groups.flat(), days))
  const names = await namesOf(tx, found, groups.flat())
  // Of several, which only updates more than six days apart can have made, the one of the earliest day.
  const rows = new Map(found.toReversed().map((row) => [`${row.project_id} ${row.sid}`, row]))
  return [...sessions].flatMap(([address, group]) => merge(group, rows.get(address), { names, days }))
}

/** To both sides of the batch's days, but not into the future, where no session has started yet. */
function daysToSearch(updates: SameSession, days: readonly Day[]): { first: Day; last: Day } {
  const started = updates.map(({ update }) => dayOf(update.startedAt)).toSorted()
  const [first = '', last = first] = [started[0], started.at(-1)]
  const tomorrow = addDays(dayOf(new Date()), 1)
  const [, furthest = last] = [last, addDays(last, DAYS_APART_MAX), tomorrow].toSorted()
  return { first: addDays(first, -DAYS_APART_MAX), last: dayFor(days, furthest) }
}

/** The texts behind the ids of stored rows, most of which the batch itself names. */
async function namesOf(
  tx: Tx,
  rows: readonly SessionRow[],
  updates: SameSession,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>()
  for (const { projectId: project_id, releaseId, environmentId, update } of updates) {
    known.set(nameAddress({ project_id, kind: 'release', id: releaseId }), update.release)
    known.set(nameAddress({ project_id, kind: 'environment', id: environmentId }), update.environment ?? '')
  }
  const wanted = rows.flatMap(({ project_id, release_id, environment_id }): NameAddress[] => [
    { project_id, kind: 'release', id: release_id },
    { project_id, kind: 'environment', id: environment_id },
  ])
  const unknown = wanted.filter((address) => address.id !== 0 && !known.has(nameAddress(address)))
  return new Map([...known, ...(await findNames(tx, unknown))])
}

/**
 * Releases and environments are merged by their texts, because ids are given in the order of arrival. The state before
 * keeps its own ids, whatever has become of their texts.
 */
function merge(
  group: SameSession,
  row: SessionRow | undefined,
  { names, days }: { names: ReadonlyMap<string, string>; days: readonly Day[] },
): MergedSession[] {
  const [first] = group
  if (!first) return []
  const before = row ? stateOf(row, names) : null
  const after = group.reduce<SessionState | null>((state, { projectId, update }) => {
    return mergeSession(state, { ...update, did: userKey(projectId, update.did) })
  }, before)
  if (after === null) return []
  const releaseIds = new Map(group.map(({ update, releaseId }) => [update.release, releaseId]))
  const environmentIds = new Map(group.map(({ update, environmentId }) => [update.environment, environmentId]))
  environmentIds.set(null, 0)
  if (row && before) {
    releaseIds.set(before.release, row.release_id)
    environmentIds.set(before.environment, row.environment_id)
  }
  const address = {
    project_id: first.projectId,
    sid: first.update.sid,
    day: row?.day ?? dayFor(days, dayOf(after.startedAt)),
  }
  const idsOf = ({ release, environment }: { release: string; environment: string | null }) => ({
    release_id: releaseIds.get(release) ?? 0,
    environment_id: environmentIds.get(environment) ?? 0,
  })
  const deltas = transition(before, after).map(({ release, environment, ...delta }) => ({
    project_id: first.projectId,
    ...idsOf({ release, environment }),
    ...delta,
  }))
  return [
    {
      row: { ...address, ...columnsOf(after), ...idsOf(after) },
      isNew: row === undefined,
      hasChanged: !isDeepStrictEqual(before, after),
      deltas,
    },
  ]
}

function stateOf(row: SessionRow, names: ReadonlyMap<string, string>): SessionState {
  const { project_id, release_id, environment_id, environment_seq } = row
  const nameOf = (kind: NameAddress['kind'], id: number) => names.get(nameAddress({ project_id, kind, id })) ?? ''
  return {
    startedAt: row.started_at,
    status: row.status,
    statusSeq: row.status_seq,
    duration: row.duration,
    abnormalMechanism: row.abnormal_mechanism,
    errors: row.errors,
    release: nameOf('release', release_id),
    releaseSeq: row.release_seq,
    environment: environment_seq === null ? null : nameOf('environment', environment_id),
    environmentSeq: environment_seq,
    did: row.did,
    didSeq: row.did_seq,
  }
}

function columnsOf(state: SessionState) {
  return {
    started_at: state.startedAt,
    status: state.status,
    status_seq: state.statusSeq,
    duration: state.duration,
    abnormal_mechanism: state.abnormalMechanism,
    errors: state.errors,
    release_seq: state.releaseSeq,
    environment_seq: state.environmentSeq,
    did: state.did,
    did_seq: state.didSeq,
  }
}

async function updateRows(tx: Tx, rows: readonly SessionRow[]): Promise<void> {
  const [row] = rows
  if (!row) return
  const columns = Object.keys(row)
  const changing = columns.filter((column) => !['project_id', 'sid', 'day'].includes(column))
  const days = rows.map(({ day }) => day).toSorted()
  await tx.execute(sql`
    UPDATE session
    SET (${columnList(changing)}) = ROW(${columnList(changing, 'r.')})
    FROM ${recordset(session, columns, rows)}
    WHERE session.project_id = r.project_id AND session.sid = r.sid AND session.day = r.day
      AND session.day BETWEEN ${days[0]}::date AND ${days.at(-1)}::date`)
}

function deltasOfSums({ projectId, releaseId, environmentId, sums }: SessionBatch['sums'][number]): SessionDelta[] {
  return sums.buckets.map(({ startedAt, did, exited, errored, unhandled, abnormal, crashed }) => ({
    project_id: projectId,
    hour: hourOf(startedAt),
    release_id: releaseId,
    environment_id: environmentId,
    did: userKey(projectId, did),
    sessions: exited + errored + unhandled + abnormal + crashed,
    errored: errored + unhandled + abnormal + crashed,
    unhandled,
    abnormal,
    crashed,
  }))
}

/** 16 bytes of the SHA-256 of project and user, as a UUID: users are counted, and cannot be told from it. */
export function userKey(projectId: ProjectId, did: string | null): string | null {
  if (did === null) return null
  const hex = hash('sha256', `${projectId} ${did}`, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
