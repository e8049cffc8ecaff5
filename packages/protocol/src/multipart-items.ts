import { encodeJson } from './json-body.ts'
import { FORM_DATA_BYTES_MAX, TEXT_LIMITS } from './limits.ts'
import type { Part } from './read-multipart.ts'
import { readName, readText } from './text.ts'
import type { ItemDraft } from './write-envelope.ts'

/** A text field: name and value. */
export type Field = readonly [name: string, value: string]

/**
 * Parts by what they become: text fields, which share one item of at most `FORM_DATA_BYTES_MAX`, and files. A text that
 * finds no room there is kept as a file.
 */
export function sortParts(parts: readonly Part[]): {
  readonly fields: readonly Field[]
  readonly files: readonly Part[]
} {
  const fields: Field[] = []
  const files: Part[] = []
  let room = FORM_DATA_BYTES_MAX
  for (const part of parts) {
    const bytes = part.name.length + part.bytes.length
    if (part.fileName !== null || bytes > room) files.push(part)
    else {
      room -= bytes
      fields.push([part.name, part.bytes.toString('utf8')])
    }
  }
  return { fields, files }
}

/** All text fields as one `form_data` item (`[[name, value], …]`), none where there is no field. */
export function formDataItems(fields: readonly Field[]): readonly ItemDraft[] {
  return fields.length === 0 ? [] : [{ headers: { type: 'form_data' }, payload: encodeJson(fields) }]
}

/** A file as an `attachment` item; without a type it is the user's own (`event.attachment`). */
export function attachmentItem({ fileName, name, contentType, bytes }: Part, attachmentType?: string): ItemDraft {
  return {
    headers: {
      type: 'attachment',
      filename: readName(fileName, TEXT_LIMITS.fileName) ?? readName(name, TEXT_LIMITS.fileName) ?? 'unnamed',
      content_type: readText(contentType, TEXT_LIMITS.headerText) ?? 'application/octet-stream',
      attachment_type: attachmentType,
    },
    payload: bytes,
  }
}
