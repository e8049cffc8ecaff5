import type { ProjectId } from '@rumen/protocol/brand'
import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { issue } from '../tables/issue.ts'

export interface IssueAddress {
  projectId: ProjectId
  issueId: number
}

export type IssueRow = typeof issue.$inferSelect

/**
 * An issue's row, locked until the transaction ends: whoever counts or changes it meanwhile, worker or person, comes
 * before or after. First in its transaction, as a statement of its own, so that the next ones see what others committed
 * while it waited. Null: there is none.
 */
export async function holdIssue(tx: Tx, { projectId, issueId }: IssueAddress): Promise<IssueRow | null> {
  return (await holdIssues(tx, projectId, [issueId])).get(issueId) ?? null
}

/** The same for several issues of a project, in the order everybody locks them in; by id, those that exist. */
export async function holdIssues(
  tx: Tx,
  projectId: ProjectId,
  issueIds: readonly number[],
): Promise<ReadonlyMap<number, IssueRow>> {
  const project = Number(projectId)
  const ids = issueIds.filter((issueId) => isPossible({ projectId, issueId }))
  if (ids.length === 0) return new Map()
  const rows = await tx
    .select()
    .from(issue)
    .where(and(eq(issue.project_id, project), inArray(issue.id, ids)))
    .orderBy(asc(issue.id))
    .for('update')
  return new Map(rows.map((row) => [row.id, row]))
}

/** Not wider than an identity gets: PostgreSQL answers such a number with an error, and there is no row of it. */
export function isPossible({ projectId, issueId }: IssueAddress): boolean {
  return Number.isSafeInteger(Number(projectId)) && Number.isSafeInteger(issueId)
}
