import type { ProjectId } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { holdCounter } from '../issue/hold-counter.ts'
import { lockProject } from '../project/lock-project.ts'
import { project } from '../tables/project.ts'

export type GroupingUndone =
  | { outcome: 'undone'; version: number; former: number }
  /** The project was never moved. */
  | { outcome: 'nothing_to_undo' }
  | { outcome: 'unknown_project' }

/**
 * Groups a project's events as before its last move. Keys of that version still exist and point where they pointed; until
 * `adoptsUntil` (null: never) a key nobody has seen takes over the issue of the key that the version left gives. Undone
 * itself, it is the move again.
 */
export async function undoGrouping(
  db: Db,
  { projectId, adoptsUntil }: { projectId: ProjectId; adoptsUntil: Date | null },
): Promise<GroupingUndone> {
  return await db.transaction(async (tx) => {
    // Whoever works on its issues by the rules it has comes before or after.
    await holdCounter(tx, projectId)
    const id = await lockProject(tx, projectId)
    if (id === null) return { outcome: 'unknown_project' }
    const isProject = eq(project.id, id)
    const [row] = await tx.select().from(project).where(isProject)
    if (row === undefined) return { outcome: 'unknown_project' }
    const { grouping_version: left, former_grouping_version: version } = row
    if (version === null) return { outcome: 'nothing_to_undo' }
    await tx
      .update(project)
      .set({ grouping_version: version, former_grouping_version: left, adopts_until: adoptsUntil })
      .where(isProject)
    return { outcome: 'undone', version, former: left }
  })
}
