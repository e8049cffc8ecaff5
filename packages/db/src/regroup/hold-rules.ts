import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { holdCounter } from '../issue/hold-counter.ts'

/** The project is not grouped any more by the rules something was worked out with. */
export class RulesChangedError extends Error {
  override name = 'RulesChangedError'
}

/**
 * Locks the counter of a project, and with it the rules the project is grouped by, until the transaction ends. Throws
 * `RulesChangedError` if those are of another version.
 */
export async function holdRules(
  tx: Tx,
  { projectId, version }: { projectId: ProjectId; version: number },
): Promise<void> {
  await holdCounter(tx, projectId)
  const [row] = await tx.execute<{ grouping_version: number }>(sql`
    SELECT grouping_version FROM project WHERE id = ${projectId}`)
  if (row?.grouping_version !== version) throw new RulesChangedError('the rules were changed meanwhile')
}
