import type { ProjectId } from '@rumen/protocol/brand'
import { and, eq } from 'drizzle-orm'
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
  const project = Number(projectId)
  // Wider than an identity gets: no row, and an error of the driver's.
  if (!Number.isSafeInteger(project) || !Number.isSafeInteger(issueId)) return null
  const [row] = await tx
    .select()
    .from(issue)
    .where(and(eq(issue.project_id, project), eq(issue.id, issueId)))
    .for('update')
  return row ?? null
}
