import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import type { CommitArchives } from '@rumen/db/archive/commit-archives'
import type { FlushClient } from '@rumen/db/archive/open-flush-client'
import { isVictim, mayConcernOneRow } from '@rumen/db/sql-state'

const RETRIES_MAX = 3

/** What became of the rows of a batch; the others were there before. */
export interface Halved {
  inserted: ReadonlySet<ArchiveRow>
  refused: ReadonlySet<ArchiveRow>
}

/**
 * Commits the rows. The victim of a deadlock is tried again; what one row may be to blame for is halved until that row stands alone. Throws
 * for everything else: the database is away, or full.
 */
export async function commitHalving(
  { client, commit }: { client: FlushClient; commit: CommitArchives },
  rows: readonly ArchiveRow[],
  retries = 0,
): Promise<Halved> {
  try {
    return { inserted: await commit(client, rows), refused: new Set() }
  } catch (error) {
    // Where the connection is gone, this says so, and the first error was no row's.
    await client.query('ROLLBACK').catch(() => Promise.reject(error))
    if (isVictim(error) && retries < RETRIES_MAX) return await commitHalving({ client, commit }, rows, retries + 1)
    if (!mayConcernOneRow(error)) throw error
    if (rows.length === 1) return { inserted: new Set(), refused: new Set(rows) }
    const half = Math.ceil(rows.length / 2)
    const first = await commitHalving({ client, commit }, rows.slice(0, half))
    const second = await commitHalving({ client, commit }, rows.slice(half))
    return {
      inserted: new Set([...first.inserted, ...second.inserted]),
      refused: new Set([...first.refused, ...second.refused]),
    }
  }
}
