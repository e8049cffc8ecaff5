import { and, desc, eq, ne, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { activity, issue } from '../tables/issue.ts'
import type { IssueAddress, IssueRow } from './hold-issue.ts'

export interface IssueDescription {
  issue: IssueRow
  /** The most frequent value of each key, most frequent first. */
  tags: readonly { key: string; value: string; eventCount: number }[]
  /** Newest first. */
  activity: readonly { kind: string; at: Date; data: unknown }[]
}

const TAGS_MAX = 10
const ACTIVITY_MAX = 5

/** What a person wants to know of an issue at first; null: there is none, or it is being deleted. */
export async function describeIssue(db: Db, { projectId, issueId }: IssueAddress): Promise<IssueDescription | null> {
  const project = Number(projectId)
  const [row] = await db
    .select()
    .from(issue)
    .where(and(eq(issue.project_id, project), eq(issue.id, issueId), ne(issue.status, 'deleting')))
  if (!row) return null
  const tags = await db.execute<{ tag_key: string; tag_value: string; event_count: string }>(sql`
    SELECT tag_key, tag_value, event_count
    FROM (
      SELECT DISTINCT ON (tag_key) tag_key, tag_value, event_count
      FROM issue_tag
      WHERE project_id = ${project} AND issue_id = ${issueId}
      ORDER BY tag_key, event_count DESC, tag_value
    ) AS top
    ORDER BY event_count DESC, tag_key
    LIMIT ${TAGS_MAX}`)
  const timeline = await db
    .select({ kind: activity.kind, at: activity.at, data: activity.data })
    .from(activity)
    .where(and(eq(activity.project_id, project), eq(activity.issue_id, issueId)))
    .orderBy(desc(activity.id))
    .limit(ACTIVITY_MAX)
  return {
    issue: row,
    tags: tags.map((tag) => ({ key: tag.tag_key, value: tag.tag_value, eventCount: Number(tag.event_count) })),
    activity: timeline,
  }
}
