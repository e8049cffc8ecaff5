import type { NewProject } from '@rumen/db/project/create-project'
import { makeEnvelope, makeEvent, postEnvelope } from './post-event.ts'

/** One event and how its request ended. */
export interface Posted {
  eventId: string
  /** Null: no answer. */
  status: number | null
  ms: number
}

/** Posts events at a rate that does not depend on the answers. */
export interface SteadyPosts {
  /** Those that have ended. */
  readonly posted: readonly Posted[]
  /** Sends no more, and resolves with all of them when the last one has ended. */
  stop(): Promise<readonly Posted[]>
}

const TICK_MS = 10

/** Calls `post`, which never rejects, so many times a second. What falls behind is made up for: in the end the rate was kept. */
export function postSteadily(ratePerSec: number, post: () => Promise<Posted>): SteadyPosts {
  const posted: Posted[] = []
  const underWay = new Set<Promise<void>>()
  const startMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1000) * ratePerSec)
    for (; sent < due; sent++) {
      const posting = post().then((one) => {
        posted.push(one)
        underWay.delete(posting)
      })
      underWay.add(posting)
    }
  }, TICK_MS)
  return {
    posted,
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return posted
    },
  }
}

/** Posts one event of its own; never rejects. */
export async function postOne(
  gatewayUrl: string,
  project: Pick<NewProject, 'id' | 'publicKey'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Posted> {
  const event = makeEvent()
  const startMs = performance.now()
  const end = (status: number | null): Posted => ({ eventId: event.event_id, status, ms: performance.now() - startMs })
  try {
    const response = await postEnvelope(gatewayUrl, project, makeEnvelope(event), headers)
    await response.arrayBuffer()
    return end(response.status)
  } catch {
    return end(null)
  }
}

/** How many ended how: `{ 200: 4000, unanswered: 3 }`. */
export function countStatuses(posted: readonly Posted[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status } of posted) {
    const name = status === null ? 'unanswered' : String(status)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** The ids of the events that were answered 200. */
export function acceptedIds(posted: readonly Posted[]): readonly string[] {
  return posted.filter(({ status }) => status === 200).map(({ eventId }) => eventId)
}
