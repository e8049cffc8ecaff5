import type { EventId } from './brand.ts'
import { attachmentItem, formDataItems, sortParts } from './multipart-items.ts'
import { ProtocolError } from './protocol-error.ts'
import { readMultipart } from './read-multipart.ts'
import { writeEnvelope } from './write-envelope.ts'

/**
 * The multipart body of `/events/{event_id}/attachments/` as an envelope of that event: every file an `attachment` item,
 * text fields one `form_data` item, as in Relay. Throws `bad_multipart`, also where there is no file.
 */
export async function attachmentsEnvelope({
  body,
  contentType,
  eventId,
}: {
  readonly body: Uint8Array
  readonly contentType: string | null | undefined
  readonly eventId: EventId
}): Promise<Buffer> {
  const { fields, files } = sortParts(await readMultipart(body, contentType))
  if (files.length === 0) throw new ProtocolError('bad_multipart', ['no part is a file'])
  return writeEnvelope({
    header: { event_id: eventId },
    items: [...files.map((part) => attachmentItem(part)), ...formDataItems(fields)],
  })
}
