import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { archiveAddress } from '../archive/read-archives.ts'
import type { Db } from '../connect.ts'
import type { QueueNames } from '../gauge/measure-queue.ts'
import { findJobs, type JobState } from './find-jobs.ts'
import { findTraces, type Trace } from './find-traces.ts'
import { type DoorState, readRefusals } from './read-refusals.ts'

/** One thing there is to say about where an event is. */
export type Sighting =
  | { kind: 'kept'; trace: Trace }
  | { kind: 'duplicate'; trace: Trace; of: Trace }
  | { kind: 'queued'; trace: Trace; job: JobState }
  /** It was digested, and of it there is but a number in the ledger. */
  | { kind: 'counted'; trace: Trace }
  /** It was kept once, and its time is over. */
  | { kind: 'removed'; trace: Trace }

export interface Whereabouts {
  /** By project, oldest first; none: it was never seen. */
  sightings: readonly Sighting[]
  door: DoorState
}

export interface EventQuestion {
  eventId: EventId
  /** Null: any. */
  projectId: ProjectId | null
  queues: QueueNames
  /** How far back the door is asked. */
  hours: number
}

/** What the ledger knows of an event, in one snapshot: nothing is missed because it moved on between two looks. */
export async function findEvent(db: Db, question: EventQuestion): Promise<Whereabouts> {
  return await db.transaction(
    async (tx) => {
      const traces = await findTraces(tx, question)
      const open = traces.filter((trace) => trace.kind === 'archive' && !hasEnded(trace, traces))
      const jobs = await findJobs(tx, question.queues, open)
      const door = await readRefusals(tx, question)
      return { sightings: traces.flatMap((trace) => sightingOf(trace, traces, jobs)), door }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
}

/** Whether something was made of this very archive that only its digest writes. */
function hasEnded(archive: Trace, traces: readonly Trace[]): boolean {
  return traces.some(
    (trace) => (trace.kind === 'stored' || trace.kind === 'transaction') && isSameArchive(trace, archive),
  )
}

function isSameArchive(one: Trace, other: Trace): boolean {
  return archiveAddress(one) === archiveAddress(other)
}

function sightingOf(trace: Trace, traces: readonly Trace[], jobs: ReadonlyMap<string, JobState>): Sighting[] {
  const ofProject = traces.filter(({ projectId }) => projectId === trace.projectId)
  if (trace.kind === 'seen') {
    const isThere = ofProject.some(({ kind }) => kind !== 'seen')
    return isThere ? [] : [{ kind: 'removed', trace }]
  }
  if (trace.kind === 'keeper' && ofProject.some(({ kind }) => kind === 'stored')) return []
  if (trace.kind !== 'archive') return [{ kind: 'kept', trace }]
  const job = jobs.get(archiveAddress(trace))
  if (job) return [{ kind: 'queued', trace, job }]
  // What was made of it speaks for itself.
  if (ofProject.some((other) => other.kind !== 'archive' && isSameArchive(other, trace))) return []
  const stored = ofProject.find(({ kind }) => kind === 'stored' || kind === 'transaction')
  if (stored) return [{ kind: 'duplicate', trace, of: stored }]
  const wasKept = ofProject.some(({ kind }) => kind === 'seen')
  return [{ kind: wasKept ? 'removed' : 'counted', trace }]
}
