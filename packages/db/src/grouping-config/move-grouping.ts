import type { ProjectId } from '@rumen/protocol/brand'
import { and, eq, max } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { holdCounter } from '../issue/hold-counter.ts'
import { lockProject } from '../project/lock-project.ts'
import { grouping_config, project } from '../tables/project.ts'

export interface GroupingMove {
  projectId: ProjectId
  /** What is not given stays. Whether any version of Rumen knows it is for the caller to say. */
  given: { mechanism?: string; strategy?: string; rules?: string }
  /** Until then new keys take over the issues of the former ones; null: they begin issues of their own. */
  adoptsUntil: Date | null
  now: Date
}

export type GroupingMoved =
  /** `unfinished`: the version this one was moving from, if it still took over issues of that one's keys. */
  | { outcome: 'moved'; version: number; former: number; unfinished: number | null }
  /** Events are grouped like this already. */
  | { outcome: 'unchanged'; version: number }
  | { outcome: 'unknown_project' }

/**
 * Groups a project's events in another way from now on, under a version of its own; nothing that is there changes. The
 * version before it stays the one to go back to.
 */
export async function moveGrouping(
  db: Db,
  { projectId, given, adoptsUntil, now }: GroupingMove,
): Promise<GroupingMoved> {
  return await db.transaction(async (tx) => {
    // Whoever works on its issues by the rules it has comes before or after.
    await holdCounter(tx, projectId)
    const id = await lockProject(tx, projectId)
    const before = id === null ? undefined : await readCurrent(tx, id)
    if (id === null || before === undefined) return { outcome: 'unknown_project' }
    const { version: former, mechanism, strategy, rules } = before.config
    const wanted = { mechanism, strategy, rules, ...given }
    if (wanted.mechanism === mechanism && wanted.strategy === strategy && wanted.rules === rules) {
      return { outcome: 'unchanged', version: former }
    }
    const version = (await newestVersion(tx, id)) + 1
    await tx.insert(grouping_config).values({ project_id: id, version, ...wanted, created_at: now })
    await tx
      .update(project)
      .set({ grouping_version: version, former_grouping_version: former, adopts_until: adoptsUntil })
      .where(eq(project.id, id))
    const { former_grouping_version: unfinished, adopts_until } = before.project
    return {
      outcome: 'moved',
      version,
      former,
      unfinished: adopts_until !== null && adopts_until > now ? unfinished : null,
    }
  })
}

async function readCurrent(tx: Tx, id: number) {
  const isCurrent = and(
    eq(grouping_config.project_id, project.id),
    eq(grouping_config.version, project.grouping_version),
  )
  const [row] = await tx
    .select({ project, config: grouping_config })
    .from(project)
    .innerJoin(grouping_config, isCurrent)
    .where(eq(project.id, id))
  return row
}

/** An undone move leaves a version behind that is newer than the current one. */
async function newestVersion(tx: Tx, id: number): Promise<number> {
  const [row] = await tx
    .select({ version: max(grouping_config.version) })
    .from(grouping_config)
    .where(eq(grouping_config.project_id, id))
  return row?.version ?? 0
}
