import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'
import { isShown } from '../retention/is-shown.ts'

/** A file that came with an event, and where its bytes are: `size` of the decoded archive from `byteOffset` on. */
export interface FoundAttachment {
  archive: ArchiveAddress
  name: string
  attachmentType: string
  contentType: string
  size: number
  byteOffset: number
}

/** The files that came with an event and are shown, in any project, oldest first. */
export async function findAttachments(db: Db, eventId: EventId): Promise<readonly FoundAttachment[]> {
  const rows = await db.execute<AttachmentRecord>(sql`
    SELECT project_id, to_char(day, 'YYYY-MM-DD') AS day, encode(archive_hash, 'hex') AS hash,
      attachment.name, attachment_type, content_type, size, byte_offset
    FROM project
    JOIN attachment
      ON attachment.project_id = project.id AND attachment.event_id = ${eventId}::uuid AND ${isShown('attachment')}
    ORDER BY received_at, archive_hash, item_index`)
  return rows.map((row) => ({
    archive: { projectId: row.project_id, day: row.day, hash: row.hash },
    name: row.name,
    attachmentType: row.attachment_type,
    contentType: row.content_type,
    size: Number(row.size),
    byteOffset: Number(row.byte_offset),
  }))
}

interface AttachmentRecord extends Record<string, unknown> {
  project_id: ProjectId
  day: string
  hash: string
  name: string
  attachment_type: string
  content_type: string
  size: string
  byte_offset: string
}
