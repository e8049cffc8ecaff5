import type { SQL } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import { recordset } from '../recordset.ts'
import { digest_attempt } from '../tables/outcome.ts'

const KEY = ['project_id', 'day', 'archive_hash'] as const

/** The addresses as `r`, named as the key of `digest_attempt`. */
export function attemptsOf(addresses: readonly ArchiveAddress[]): SQL {
  const keys = addresses.map(({ projectId, day, hash }) => ({ project_id: projectId, day, archive_hash: `\\x${hash}` }))
  return recordset(digest_attempt, KEY, keys)
}
