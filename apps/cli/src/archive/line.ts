import { crc32 } from 'node:zlib'
import type { StoredArchive } from '@rumen/db/archive/page-archives'

/*
 * What `archive export` writes, a JSON object a line:
 *   1. {"rumen_archives":1,"projects":[{"id":"1","slug":"shop"}]}   the first line: whose archives follow
 *   2. {"rumen_archive":1,"project_id":…,…,"body":"…","crc32":"…"}  each archive, oldest first
 *   3. {"rumen_archives":1,"count":2}                               the last line: how many there are
 * A file without its last line was cut. Several files one behind the other are one. The numbers are the version of the format: it
 * changes when a reader of the old one would misread. `crc32` is the last member, over the bytes of its line before it; whoever
 * edits a line takes it out.
 */
export const FORMAT = 1

/** A project as the first line names it. */
export interface NamedProject {
  id: string
  slug: string
}

export function headLine(projects: readonly NamedProject[]): string {
  return `${JSON.stringify({ rumen_archives: FORMAT, projects: projects.map(({ id, slug }) => ({ id, slug })) })}\n`
}

export function endLine(count: number): string {
  return `${JSON.stringify({ rumen_archives: FORMAT, count })}\n`
}

/**
 * An archive with every column it has. `wholeHash`: that of the archive it was before items were left out of it, so that an import knows what
 * was erased, or is there, as a whole.
 */
export function archiveLine(archive: StoredArchive, slug: string, wholeHash: string = archive.hash): string {
  const members = JSON.stringify({
    rumen_archive: FORMAT,
    project_id: archive.projectId,
    project: slug,
    day: archive.day,
    hash: archive.hash,
    ...(wholeHash === archive.hash ? {} : { whole_hash: wholeHash }),
    event_id: archive.eventId,
    received_at: archive.receivedAt,
    endpoint: archive.endpoint,
    content_type: archive.contentType,
    encoding: archive.encoding,
    client_ip: archive.clientIp,
    user_agent: archive.userAgent,
    sentry_client: archive.sentryClient,
    query_release: archive.queryRelease,
    query_environment: archive.queryEnvironment,
    wire_bytes: archive.wireBytes,
    body: archive.body.toString('base64'),
  }).slice(0, -1)
  return `${members},"crc32":"${checksumOf(members)}"}\n`
}

/** 8 hexadecimal characters. */
export function checksumOf(bytes: string | Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0')
}
