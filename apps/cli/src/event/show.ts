import type { Settings } from '@rumen/config/read-settings'
import { type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { type FoundKeeper, findKeepers } from '@rumen/db/keeper/find-keepers'
import { type FoundReport, findReports } from '@rumen/db/report/find-reports'
import type { EventId } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { readEventDetails } from '@rumen/protocol/event-details'
import { findEventPayload } from '@rumen/protocol/event-payload'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { CommandError } from '../command-error.ts'
import { readEventId } from '../read-event-id.ts'
import { readWordAndOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'
import { eventInWords } from './in-words.ts'

/** `rumen event show EVENT_ID [--json]`: all there is to read of an event, made anew from what was received. */
export async function showEventCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'EVENT_ID', { json: { type: 'boolean' } })
  const eventId = readEventId(word)
  const shown = await withDatabase(settings, async (db) => {
    const sources = await findSources(db, eventId)
    if (sources.length === 0) throw new CommandError(`there is no report of ${eventId}: \`rumen where\` says why`)
    return sources.map((source) => shownOf(source, { eventId, settings }))
  })
  if (options.json) console.log(JSON.stringify(shown))
  else console.log(shown.map(eventInWords).join('\n\n'))
}

/** An event, and what was received of it. */
type Source = FoundKeeper

/** By project: from its archive, or, when that is gone, from what is kept for good of its issue's events. */
async function findSources(db: Db, eventId: EventId): Promise<readonly Source[]> {
  const reports = await findReports(db, eventId)
  const keepers = await findKeepers(db, eventId)
  const sources: Source[] = keepers.filter(({ project }) => !reports.some((report) => report.project === project))
  for (const report of reports) {
    const archive = await readArchive(db, report)
    const keeper = keepers.find(({ project }) => project === report.project)
    if (archive === null && keeper === undefined) throw goneArchive(report)
    if (archive !== null) sources.push({ ...report, archive })
    else if (keeper !== undefined) sources.push(keeper)
  }
  return sources.toSorted((one, other) => Number(one.archive.projectId) - Number(other.archive.projectId))
}

async function readArchive(db: Db, { archive }: FoundReport): Promise<ReadArchive | null> {
  for await (const [found] of readArchives(db, [archive])) if (found) return found
  return null
}

function goneArchive({ archive: { hash, day } }: FoundReport): CommandError {
  return new CommandError(`archive ${hash} of ${day} is gone: what is left of the event is in its report`)
}

/** An event as it is shown: what is counted of it, and what only a person reads. */
export type ShownEvent = ReturnType<typeof shownOf>

function shownOf(
  { archive, project, issue, title }: Source,
  { eventId, settings }: { eventId: EventId; settings: Settings },
) {
  const bytes = decode(archive.body, parseContentEncoding(archive.encoding), settings.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
  const found = findEventPayload(archive, bytes, { eventId, eventBytesMax: settings.MAX_EVENT_BYTES })
  if (found === null) throw new CommandError(`archive ${archive.hash} of ${archive.day} holds no event ${eventId}`)
  const receipt = {
    eventId,
    receivedAt: archive.receivedAt,
    ...found.header,
    clientIp: archive.clientIp,
    userAgent: archive.userAgent,
    client: archive.sentryClient,
  }
  const { projectId, day, hash } = archive
  return {
    ...{ project, issue, title, archive: { projectId, day, hash } },
    receivedAt: archive.receivedAt,
    event: normaliseEvent({ ...found.payload }, receipt),
    details: readEventDetails({ ...found.payload }, receipt),
  }
}
