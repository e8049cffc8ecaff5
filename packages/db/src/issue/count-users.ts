import { hash } from 'node:crypto'
import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { issue_user } from '../tables/issue.ts'

/** A user who met an issue. */
export interface UserOfIssue {
  project_id: ProjectId
  issue_id: number
  /** Decimal, of 64 bits with a sign: `userKey`. */
  user_key: string
  /** UTC day of receipt, the newest one. */
  last_day: Day
}

/** What a user is counted by: 8 bytes of the SHA-256 of what they are known by in their project. */
export function userKey(projectId: ProjectId, identity: string): string {
  return hash('sha256', `${projectId} ${identity}`, 'buffer').readBigInt64BE().toString()
}

/** Notes the users of issues this transaction has locked, no two alike, and gives back those who are new to them. */
export async function countUsers(
  tx: Tx,
  users: readonly UserOfIssue[],
): Promise<readonly { project_id: ProjectId; issue_id: number }[]> {
  if (users.length === 0) return []
  // A row that an upsert inserted has no xmax; that is the only thing both of its ways leave behind before PostgreSQL 18.
  const rows = await tx.execute<{ project_id: ProjectId; issue_id: string; is_new: boolean }>(sql`
    INSERT INTO issue_user (project_id, issue_id, user_key, last_day)
    SELECT r.project_id, r.issue_id, r.user_key, r.last_day
    FROM ${recordset(issue_user, ['project_id', 'issue_id', 'user_key', 'last_day'], users)}
    ORDER BY r.project_id, r.issue_id, r.user_key
    ON CONFLICT (project_id, issue_id, user_key)
    DO UPDATE SET last_day = excluded.last_day WHERE issue_user.last_day < excluded.last_day
    RETURNING project_id, issue_id, xmax = 0 AS is_new`)
  return rows
    .filter(({ is_new }) => is_new)
    .map(({ project_id, issue_id }) => ({ project_id, issue_id: Number(issue_id) }))
}
