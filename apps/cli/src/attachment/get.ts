import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Settings } from '@rumen/config/read-settings'
import { readArchives } from '@rumen/db/archive/read-archives'
import { type FoundAttachment, findAttachments } from '@rumen/db/attachment/find-attachments'
import type { Db } from '@rumen/db/connect'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { CommandError } from '../command-error.ts'
import { readEventId } from '../read-event-id.ts'
import { readWordsAndOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen attachment get EVENT_ID NAME [-o FILE]`: the bytes as they were sent, on standard output unless a file is named. */
export async function getAttachmentCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { words, options } = readWordsAndOptions(rest, ['EVENT_ID', 'NAME'], { output: { type: 'string', short: 'o' } })
  const [event = '', name = ''] = words
  const eventId = readEventId(event)
  const bytes = await withDatabase(settings, async (db) => {
    const found = (await findAttachments(db, eventId)).find((one) => one.name === name)
    if (!found) throw new CommandError(`no file ${name} came with event ${eventId}: \`attachment list\` shows what did`)
    return await readBytes(db, found, settings.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
  })
  if (options.output !== undefined) await writeFile(options.output, bytes)
  // A pipe takes bytes in portions: the process must not end before the last.
  else await pipeline(Readable.from([bytes]), process.stdout, { end: false })
}

async function readBytes(db: Db, { archive, byteOffset, size }: FoundAttachment, decodedMax: number): Promise<Buffer> {
  for await (const archives of readArchives(db, [archive])) {
    for (const { body, encoding } of archives) {
      return decode(body, parseContentEncoding(encoding), decodedMax).subarray(byteOffset, byteOffset + size)
    }
  }
  throw new CommandError(`archive ${archive.hash} of ${archive.day} is gone, and its files with it`)
}
