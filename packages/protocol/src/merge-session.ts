import { SESSION_STATUSES, type SessionStatus, type SessionUpdate } from './read-session.ts'

/**
 * What all updates of a session come to. Any order of them, with any repeated and in any number of steps, makes the
 * same state, because each part of it is a least or greatest element:
 * - `startedAt` the earliest, `errors` the most;
 * - release, environment and did from the lowest `seq` that names one; of equal ones the smaller text;
 * - status, duration and mechanism from one update: an end beats `ok`, the first end beats later ones, the last `ok`
 *   earlier ones; of equal `seq` the graver, and then by a fixed order that means nothing.
 */
export interface SessionState {
  startedAt: Date
  status: SessionStatus
  statusSeq: number
  duration: number | null
  abnormalMechanism: string | null
  /** At least 1 when any update had an error's status. */
  errors: number
  release: string
  releaseSeq: number
  environment: string | null
  /** Null without one. */
  environmentSeq: number | null
  did: string | null
  didSeq: number | null
}

/** What a session adds to the hour it started in; negative where it takes that back. */
export interface SessionCounts {
  sessions: number
  /** With an error, those below included. */
  errored: number
  unhandled: number
  abnormal: number
  crashed: number
}

export interface Contribution extends SessionCounts {
  /** Start of the hour. */
  hour: Date
  release: string
  environment: string | null
  did: string | null
}

const HOUR_MS = 60 * 60 * 1000

export function mergeSession(row: SessionState | null, update: SessionUpdate): SessionState {
  const next = stateOf(update)
  if (row === null) return next
  const release = earlier([row.release, row.releaseSeq], [next.release, next.releaseSeq])
  const environment = earlier([row.environment, row.environmentSeq], [next.environment, next.environmentSeq])
  const did = earlier([row.did, row.didSeq], [next.did, next.didSeq])
  const { status, statusSeq, duration, abnormalMechanism } = beats(next, row) ? next : row
  return {
    startedAt: new Date(Math.min(row.startedAt.getTime(), next.startedAt.getTime())),
    status,
    statusSeq,
    duration,
    abnormalMechanism,
    errors: Math.max(row.errors, next.errors),
    release: release[0],
    releaseSeq: release[1],
    environment: environment[0],
    environmentSeq: environment[1],
    did: did[0],
    didSeq: did[1],
  }
}

export function contributionOf({ startedAt, status, errors, release, environment, did }: SessionState): Contribution {
  return {
    hour: hourOf(startedAt),
    release,
    environment,
    did,
    sessions: 1,
    errored: errors > 0 ? 1 : 0,
    unhandled: status === 'unhandled' ? 1 : 0,
    abnormal: status === 'abnormal' ? 1 : 0,
    crashed: status === 'crashed' ? 1 : 0,
  }
}

/** Start of the hour in which a session started. */
export function hourOf(startedAt: Date): Date {
  return new Date(Math.floor(startedAt.getTime() / HOUR_MS) * HOUR_MS)
}

/**
 * What the roll-ups change by when `after` takes the place of `before`: the difference, or, where hour, release,
 * environment or did are others, what is taken there and given here. Empty when nothing that is counted has changed.
 */
export function transition(before: SessionState | null, after: SessionState): readonly Contribution[] {
  const given = contributionOf(after)
  if (before === null) return [given]
  const taken = contributionOf(before)
  if (!isSamePlace(taken, given)) return [{ ...taken, ...subtract(NOTHING, taken) }, given]
  const difference = subtract(given, taken)
  return Object.values(difference).some((count) => count !== 0) ? [{ ...given, ...difference }] : []
}

const NOTHING: SessionCounts = { sessions: 0, errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }

function subtract(from: SessionCounts, counts: SessionCounts): SessionCounts {
  return {
    sessions: from.sessions - counts.sessions,
    errored: from.errored - counts.errored,
    unhandled: from.unhandled - counts.unhandled,
    abnormal: from.abnormal - counts.abnormal,
    crashed: from.crashed - counts.crashed,
  }
}

function isSamePlace(one: Contribution, other: Contribution): boolean {
  const isSameHour = one.hour.getTime() === other.hour.getTime()
  return isSameHour && one.release === other.release && one.environment === other.environment && one.did === other.did
}

function stateOf(update: SessionUpdate): SessionState {
  const { startedAt, status, duration, abnormalMechanism, errors, seq, release, environment, did } = update
  return {
    startedAt,
    status,
    statusSeq: seq,
    duration,
    abnormalMechanism,
    errors,
    release,
    releaseSeq: seq,
    environment,
    environmentSeq: environment === null ? null : seq,
    did,
    didSeq: did === null ? null : seq,
  }
}

type Named = readonly [value: string, seq: number]
type Unnamed = readonly [value: string | null, seq: number | null]

function earlier(one: Named, other: Named): Named
function earlier(one: Unnamed, other: Unnamed): Unnamed
function earlier(one: Unnamed, other: Unnamed): Unnamed {
  const [value, seq] = one
  const [otherValue, otherSeq] = other
  if (value === null || seq === null) return other
  if (otherValue === null || otherSeq === null) return one
  if (seq !== otherSeq) return seq < otherSeq ? one : other
  return value <= otherValue ? one : other
}

/** Whether the first names the status; neither beats its equal. */
function beats(one: SessionState, other: SessionState): boolean {
  const hasEnded = one.status !== 'ok'
  if (hasEnded !== (other.status !== 'ok')) return hasEnded
  if (one.statusSeq !== other.statusSeq) return hasEnded === one.statusSeq < other.statusSeq
  const rank = SESSION_STATUSES.indexOf(one.status) - SESSION_STATUSES.indexOf(other.status)
  if (rank !== 0) return rank > 0
  if (one.duration !== other.duration) return (one.duration ?? -1) > (other.duration ?? -1)
  return (one.abnormalMechanism ?? '') > (other.abnormalMechanism ?? '')
}
