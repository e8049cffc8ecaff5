import { gzipSync } from 'node:zlib'
import { frame, makeEnvelope, makeEvent } from './post-event.ts'

/** One request of a load. */
export interface LoadRequest {
  /** Which of the projects it goes to. */
  project: number
  body: string | Uint8Array<ArrayBuffer>
  headers: Readonly<Record<string, string>>
}

export interface MixedLoad {
  requests: readonly LoadRequest[]
  /** Events that are to be there in the end, each once. */
  eventsCount: number
  issuesCount: number
  /** The requests that repeat another one byte by byte. */
  repeatsCount: number
  /** What the ledger has to say, item by item. */
  outcomes: { stored: number; duplicate: number; unsupported: number; rejected: number }
}

const PROJECTS_COUNT = 3

/**
 * `eventsCount` events spread over `issuesCount` bugs in three projects; among them requests repeated byte by byte,
 * events sent again in other bytes, replays, and events that are no JSON. The order is shuffled, the same each time.
 */
export function mixedLoad({ eventsCount, issuesCount }: { eventsCount: number; issuesCount: number }): MixedLoad {
  const requests: LoadRequest[] = []
  const load = { repeatsCount: 0, outcomes: { stored: eventsCount, duplicate: 0, unsupported: 0, rejected: 0 } }
  for (let n = 0; n < eventsCount; n++) {
    const issue = n % issuesCount
    const project = issue % PROJECTS_COUNT
    const event = makeEvent({
      exception: {
        values: [{ type: `Error${issue}`, value: 'boom', stacktrace: { frames: [frame('app.js', `step${issue}`)] } }],
      },
    })
    const plain = { project, body: makeEnvelope(event), headers: {} }
    requests.push(plain)
    if (n % 10 === 0) {
      requests.push(plain)
      load.repeatsCount++
    }
    if (n % 16 === 0) {
      requests.push({ project, body: gzipSync(makeEnvelope(event)), headers: { 'content-encoding': 'gzip' } })
      load.outcomes.duplicate++
    }
    if (n % 25 === 0) {
      requests.push({ project, body: envelopeOf(`{"type":"replay_event"}\n{"segment_id":${n}}`), headers: {} })
      load.outcomes.unsupported++
    }
    if (n % 50 === 0) {
      requests.push({ project, body: envelopeOf(`{"type":"event"}\n{"n":${n},`), headers: {} })
      load.outcomes.rejected++
    }
  }
  return { requests: shuffle(requests), eventsCount, issuesCount, ...load }
}

function envelopeOf(item: string): string {
  return `{"sent_at":"${new Date().toISOString()}"}\n${item}`
}

/** Steps through the list by a prime: neighbours end up far apart. */
function shuffle<T>(list: readonly T[]): T[] {
  const STEP = 7919
  return list.map((_, at) => list[(at * STEP) % list.length]).filter((one) => one !== undefined)
}
