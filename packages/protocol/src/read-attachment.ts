import type { Item } from './envelope.ts'
import { TEXT_LIMITS } from './limits.ts'
import { readName } from './text.ts'

/** Sentry's attachment types; whatever else a sender says is the user's own file. */
const ATTACHMENT_TYPES = [
  'event.attachment',
  'event.minidump',
  'event.applecrashreport',
  'event.payload',
  'event.breadcrumbs',
  'event.view_hierarchy',
  'unreal.context',
  'unreal.logs',
  'nswitch.dying_message',
  'playstation.prosperodump',
] as const

/** What is known of a file without looking into it. */
export interface Attachment {
  /** A bare file name: no path, no control character, never empty. */
  readonly name: string
  /** As the sender says: to be shown, not to be believed. Printable ASCII. */
  readonly contentType: string
  readonly attachmentType: (typeof ATTACHMENT_TYPES)[number]
  /** In bytes. */
  readonly size: number
}

/** Type and subtype, then parameters: nothing that could end a header's line. */
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+ *(?:;[ -~]*)?$/

/** An `attachment` item by its headers. Total: a header that is missing or odd has a default. */
export function readAttachment({ headers, payload }: Pick<Item, 'headers' | 'payload'>): Attachment {
  return {
    name: readFileName(headers.filename) ?? 'unnamed',
    contentType: readContentType(headers.content_type) ?? 'application/octet-stream',
    attachmentType: ATTACHMENT_TYPES.find((known) => known === headers.attachment_type) ?? 'event.attachment',
    size: payload.length,
  }
}

function readFileName(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const bare = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1)
  const name = readName(bare, TEXT_LIMITS.fileName)?.replace(/\p{Cc}/gu, '_') ?? null
  return name === '.' || name === '..' ? null : name
}

function readContentType(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : ''
  return text.length <= TEXT_LIMITS.mediaType.charsMax && MEDIA_TYPE.test(text) ? text : null
}
