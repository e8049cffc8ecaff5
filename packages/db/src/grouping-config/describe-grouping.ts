import type { ProjectId } from '@rumen/protocol/brand'
import { and, asc, eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { grouping_config, project } from '../tables/project.ts'

/** One of the ways in which a project's events were grouped, as it was written. */
export interface GroupingVersion {
  version: number
  mechanism: string
  strategy: string
  rules: string
  createdAt: Date
}

export interface GroupingDescription {
  /** The one that events are grouped by now. */
  current: GroupingVersion
  /** Where the last move came from, and where undoing it leads; null: the project was never moved. */
  formerVersion: number | null
  /** Until when a key nobody has seen takes over the issue of the key that version gives; null: none ever does. */
  adoptsUntil: Date | null
  /** All there ever were, oldest first. */
  versions: readonly GroupingVersion[]
}

/** How a project's events are grouped, and how they were before; null: there is no such project. */
export async function describeGrouping(db: Db, projectId: ProjectId): Promise<GroupingDescription | null> {
  const id = Number(projectId)
  // Wider than an identity gets: no row, and an error of the driver's.
  if (!Number.isSafeInteger(id)) return null
  const rows = await db
    .select({ project, config: grouping_config })
    .from(project)
    .innerJoin(grouping_config, eq(grouping_config.project_id, project.id))
    .where(and(eq(project.id, id), eq(project.status, 'active')))
    .orderBy(asc(grouping_config.version))
  const versions = rows.map(({ config: { version, mechanism, strategy, rules, created_at } }) => {
    return { version, mechanism, strategy, rules, createdAt: created_at }
  })
  const [row] = rows
  const current = versions.find(({ version }) => version === row?.project.grouping_version)
  if (row === undefined || current === undefined) return null
  const { former_grouping_version: formerVersion, adopts_until: adoptsUntil } = row.project
  return { current, formerVersion, adoptsUntil, versions }
}
