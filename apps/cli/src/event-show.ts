import type { Settings } from '@rumen/config/read-settings'
import { type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { type FoundReport, findReports } from '@rumen/db/report/find-reports'
import type { EventId } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { readEventDetails } from '@rumen/protocol/event-details'
import { findEventPayload } from '@rumen/protocol/event-payload'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { CommandError } from './command-error.ts'
import { eventInWords } from './event-in-words.ts'
import { readEventId } from './read-event-id.ts'
import { readWordAndOptions } from './read-options.ts'
import { withDatabase } from './with-database.ts'

/** `rumen event show EVENT_ID [--json]`: all there is to read of an event, made anew from its archive. */
export async function showEventCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'EVENT_ID', { json: { type: 'boolean' } })
  const eventId = readEventId(word)
  const shown = await withDatabase(settings, async (db) => {
    const reports = await findReports(db, eventId)
    if (reports.length === 0) throw new CommandError(`there is no report of ${eventId}: \`rumen where\` says why`)
    return await Promise.all(reports.map((report) => readShown(db, { report, eventId, settings })))
  })
  if (options.json) console.log(JSON.stringify(shown))
  else console.log(shown.map(eventInWords).join('\n\n'))
}

/** An event as it is shown: what is counted of it, and what only a person reads. */
export type ShownEvent = Awaited<ReturnType<typeof readShown>>

async function readShown(
  db: Db,
  { report, eventId, settings }: { report: FoundReport; eventId: EventId; settings: Settings },
) {
  const archive = await readArchive(db, report)
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
  return {
    ...report,
    receivedAt: archive.receivedAt,
    event: normaliseEvent({ ...found.payload }, receipt),
    details: readEventDetails({ ...found.payload }, receipt),
  }
}

async function readArchive(db: Db, { archive }: FoundReport): Promise<ReadArchive> {
  for await (const [found] of readArchives(db, [archive])) if (found) return found
  throw new CommandError(
    `archive ${archive.hash} of ${archive.day} is gone: what is left of the event is in its report`,
  )
}
