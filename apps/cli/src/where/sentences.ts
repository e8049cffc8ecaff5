import type { Sighting, Whereabouts } from '@rumen/db/where/find-event'
import type { JobState } from '@rumen/db/where/find-jobs'
import type { Trace } from '@rumen/db/where/find-traces'
import type { Refusal } from '@rumen/db/where/read-refusals'
import type { EventId } from '@rumen/protocol/brand'
import { onOneLine } from '../on-one-line.ts'

/** What the ledger says of an event, one sentence for each thing it knows. */
export function sentencesOf(eventId: EventId, { sightings, door }: Whereabouts, hours: number): string[] {
  if (sightings.length > 0) return sightings.map(sentenceOf)
  const refused = door.refusals.reduce((sum, { quantity }) => sum + quantity, 0)
  const never = `Event ${eventId} was never seen`
  const spooled =
    door.spooled === 0 ? [] : [`${requests(door.spooled)} wait in the spools of the gateways: it may be one of them.`]
  if (refused === 0) return [`${never}, and no request was refused in the last ${hours} hours.`, ...spooled]
  return [
    `${never}, but ${requests(refused)} were refused in the last ${hours} hours:`,
    ...door.refusals.map(refusalInWords),
    ...spooled,
  ]
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`
}

function refusalInWords({ project, outcome, reason, quantity }: Refusal): string {
  const why = reason === '' ? outcome : `${outcome} (${reason})`
  return `  ${quantity} ${why} ${project === null ? 'without a key that opens a project' : `of project ${project}`}`
}

function sentenceOf(sighting: Sighting): string {
  const { trace } = sighting
  const [where, came] = [`In project ${trace.project}: `, `received ${moment(trace.receivedAt)}, ${archiveOf(trace)}`]
  switch (sighting.kind) {
    case 'kept':
      return `${where}${keptInWords(trace)}; ${came}.`
    case 'duplicate':
      return `${where}received again ${moment(trace.receivedAt)}, a duplicate of ${archiveOf(sighting.of)}; ${archiveOf(trace)}.`
    case 'queued':
      return `${where}${jobInWords(sighting.job)}; ${came}.`
    case 'counted':
      return `${where}digested, and but for its number in the ledger nothing is kept of it; ${came}.`
    case 'removed':
      return `${where}counted on ${trace.day} and removed since: its time was over, its issue was deleted or its user erased.`
  }
}

function keptInWords({ kind, name, code, message, endedAt }: Trace): string {
  const ended = endedAt ? ` ${moment(endedAt)}` : ''
  switch (kind) {
    case 'stored':
      return `stored in issue ${name ?? '(deleted)'}, digested${ended}`
    case 'keeper':
      return `kept for good as one of the events of issue ${name}, although its time is over`
    case 'rejected':
      return `its ${name ?? 'archive'} was rejected${ended} because of ${code}: ${onOneLine(message ?? '')}`
    case 'attachment':
      return `a file came with it, ${onOneLine(name ?? '')}`
    case 'feedback':
      return "a user's feedback about it is stored"
    case 'transaction':
      return 'stored as a transaction'
    case 'archive':
    case 'seen':
      return 'received'
  }
}

function jobInWords(job: JobState): string {
  const tried = job.tries === 0 ? '' : job.tries === 1 ? ' after 1 try' : ` after ${job.tries} tries`
  switch (job.state) {
    case 'waiting': {
      const position = job.isMore ? `behind more than ${job.ahead} others` : `position ${job.ahead + 1}`
      const later = job.tries > 0 ? `, not before ${moment(job.notBefore)}` : ''
      return `waiting${tried}, ${position} in queue ${job.queue}${later}`
    }
    case 'digesting':
      return `being digested since ${moment(job.since)}`
    case 'dead':
      return `given up ${moment(job.since)}${tried}: ${job.reason} (\`rumen dead retry ${job.id}\`)`
  }
}

function archiveOf({ day, hash }: Trace): string {
  return `archive ${day} ${hash}`
}

function moment(date: Date): string {
  return date.toISOString()
}
