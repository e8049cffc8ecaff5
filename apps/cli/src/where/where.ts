import type { Settings } from '@rumen/config/read-settings'
import { findEvent, type Sighting, type Whereabouts } from '@rumen/db/where/find-event'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import { readEventId } from '../read-event-id.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { sentencesOf } from './sentences.ts'

/** How far back the door is asked for what it refused. */
const HOURS = 24

/** `rumen where EVENT_ID [--project ID] [--json]`: what became of an event, in sentences or as one JSON object. */
export async function whereCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'EVENT_ID', {
    project: { type: 'string' },
    json: { type: 'boolean' },
  })
  const eventId = readEventId(word)
  const projectId = options.project === undefined ? null : readProjectId(options.project)
  const queues = { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }
  const found = await withDatabase(settings, (db) => findEvent(db, { eventId, projectId, queues, hours: HOURS }))
  if (options.json) console.log(JSON.stringify({ event_id: eventId, ...inJson(found) }))
  else for (const sentence of sentencesOf(eventId, found, HOURS)) console.log(sentence)
}

function inJson({ sightings, door }: Whereabouts) {
  return {
    found: sightings.map(sightingInJson),
    refused_requests: door.refusals,
    refused_hours: HOURS,
    spooled_requests: door.spooled,
  }
}

function sightingInJson(sighting: Sighting) {
  const { trace } = sighting
  return {
    ...statusOf(sighting),
    project_id: trace.projectId,
    project: trace.project,
    received_at: trace.receivedAt,
    ended_at: trace.endedAt,
    day: trace.day,
    archive_hash: trace.hash || null,
    name: trace.name,
    code: trace.code,
    message: trace.message,
  }
}

function statusOf(sighting: Sighting) {
  if (sighting.kind === 'kept') return { status: sighting.trace.kind }
  if (sighting.kind !== 'queued') return { status: sighting.kind }
  const { job } = sighting
  switch (job.state) {
    case 'waiting':
      return {
        status: 'waiting',
        queue: job.queue,
        ahead: job.ahead,
        ahead_is_more: job.isMore,
        not_before: job.notBefore,
        tries: job.tries,
      }
    case 'digesting':
      return { status: 'digesting', queue: job.queue, since: job.since, tries: job.tries }
    case 'dead':
      return { status: 'dead', job: job.id, since: job.since, tries: job.tries, reason: job.reason }
  }
}
