import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { type IssueAddress, isPossible } from './hold-issue.ts'

/** An issue by both its numbers: its own, and the one people call it by. */
export interface NumberedIssue {
  issueId: number
  number: number
}

/**
 * The issue that one leads to: what it was merged into, what that was merged into, and so on; an issue that is merged into
 * none leads to itself. Null: there is no such issue.
 */
export async function findSurvivor(db: Db | Tx, address: IssueAddress): Promise<NumberedIssue | null> {
  if (!isPossible(address)) return null
  const { projectId, issueId } = address
  const [row] = await db.execute<{ id: string; number: string }>(sql`
    WITH RECURSIVE line AS (
      SELECT project_id, id, number, merged_into FROM issue WHERE project_id = ${projectId} AND id = ${issueId}
      UNION ALL
      SELECT issue.project_id, issue.id, issue.number, issue.merged_into
      FROM line JOIN issue ON issue.project_id = line.project_id AND issue.id = line.merged_into
    )
    SELECT id, number FROM line WHERE merged_into IS NULL`)
  return row ? { issueId: Number(row.id), number: Number(row.number) } : null
}

/** The issues that lead to one, in the order of their numbers. */
export async function findMerged(db: Db | Tx, address: IssueAddress): Promise<readonly NumberedIssue[]> {
  if (!isPossible(address)) return []
  const { projectId, issueId } = address
  const rows = await db.execute<{ id: string; number: string }>(sql`
    WITH RECURSIVE merged AS (
      SELECT project_id, id, number FROM issue WHERE project_id = ${projectId} AND merged_into = ${issueId}
      UNION ALL
      SELECT issue.project_id, issue.id, issue.number
      FROM merged JOIN issue ON issue.project_id = merged.project_id AND issue.merged_into = merged.id
    )
    SELECT id, number FROM merged ORDER BY number`)
  return rows.map((row) => ({ issueId: Number(row.id), number: Number(row.number) }))
}
