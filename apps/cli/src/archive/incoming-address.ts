import type { ArchiveAddress, ArchiveRow } from '@rumen/db/archive/archive-row'
import type { IncomingArchive } from './incoming.ts'

/** An archive to be kept, and the priority of its project's jobs. */
export interface Incoming extends Pick<IncomingArchive, 'wholeHash'> {
  row: ArchiveRow
  priority: number
}

/** Its own, and that of the whole it is a part of: what became of that holds for it, too. */
export function addressesOf({ row: { projectId, day, hash }, wholeHash }: Incoming): ArchiveAddress[] {
  const hashes = [hash.toString('hex'), ...(wholeHash === null ? [] : [wholeHash])]
  return hashes.map((one) => ({ projectId, day, hash: one }))
}
