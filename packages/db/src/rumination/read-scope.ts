import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { IssueAddress } from '../issue/hold-issue.ts'

/** For how many days a project keeps what it has; null: for as long as all others. */
export async function readKeptDays(db: Db, projectId: ProjectId): Promise<number | null> {
  const [row] = await db.execute<{ retention_days: number | null }>(sql`
    SELECT retention_days FROM project WHERE id = ${projectId}`)
  return row?.retention_days ?? null
}

/** The groupings of an issue. */
export async function readGroupingsOf(db: Db, { projectId, issueId }: IssueAddress): Promise<readonly number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    SELECT id FROM grouping WHERE project_id = ${projectId} AND issue_id = ${issueId} ORDER BY id`)
  return rows.map(({ id }) => Number(id))
}
