import { and, eq, gt, isNotNull, or } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { projectIdOf } from '../project/create-project.ts'
import { issue } from '../tables/issue.ts'
import { project } from '../tables/project.ts'
import type { IssueAddress } from './hold-issue.ts'

/**
 * The issue people call `slug-number`. One that waits for the rest of its deletion is found too: whoever deletes it
 * again finishes that, every other verb knows no such issue. One that is merged into another is found as itself. One
 * without events is nobody's yet.
 */
export async function findIssue(
  db: Db,
  { slug, number }: { slug: string; number: number },
): Promise<IssueAddress | null> {
  const [row] = await db
    .select({ projectId: issue.project_id, issueId: issue.id })
    .from(project)
    .innerJoin(issue, and(eq(issue.project_id, project.id), eq(issue.number, number)))
    .where(
      and(
        eq(project.slug, slug),
        eq(project.status, 'active'),
        or(gt(issue.event_count, 0), eq(issue.status, 'deleting'), isNotNull(issue.merged_into)),
      ),
    )
  return row ? { projectId: projectIdOf(row.projectId), issueId: row.issueId } : null
}
