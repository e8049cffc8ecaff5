import type { Settings } from '@rumen/config/read-settings'
import { findAttachments } from '@rumen/db/attachment/find-attachments'
import { onOneLine } from '../on-one-line.ts'
import { readEventId } from '../read-event-id.ts'
import { readWordAndOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen attachment list EVENT_ID [--json]` */
export async function listAttachmentsCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'EVENT_ID', { json: { type: 'boolean' } })
  const eventId = readEventId(word)
  const attachments = await withDatabase(settings, (db) => findAttachments(db, eventId))
  if (options.json === true) console.log(JSON.stringify(attachments, null, 2))
  else if (attachments.length === 0) console.log(`No file came with event ${eventId}.`)
  for (const { name, size, contentType, attachmentType } of options.json === true ? [] : attachments) {
    console.log(`${onOneLine(name)}  ${size} bytes  ${contentType}  ${attachmentType}`)
  }
}
