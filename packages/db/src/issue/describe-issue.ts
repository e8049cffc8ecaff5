import { and, desc, eq, ne, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { activity, grouping, issue } from '../tables/issue.ts'
import { findMerged } from './find-survivor.ts'
import type { IssueAddress, IssueRow } from './hold-issue.ts'

export interface IssueDescription {
  issue: IssueRow
  /** Numbers of the issues that are merged into it, or into one that is. */
  merged: readonly number[]
  /** The most frequent value of each key, most frequent first. */
  tags: readonly { key: string; value: string; eventCount: number }[]
  /** Most events first. */
  groupings: readonly GroupingDescription[]
  /** Newest first. */
  activity: readonly { kind: string; at: Date; data: unknown }[]
}

export type GroupingDescription = Pick<
  typeof grouping.$inferSelect,
  'id' | 'event_count' | 'first_seen' | 'last_seen' | 'mechanism' | 'key' | 'parts' | 'adopted_from'
>

const TAGS_MAX = 10
const ACTIVITY_MAX = 5

/** What a person wants to know of an issue at first; null: there is none, or it is being deleted. */
export async function describeIssue(db: Db, address: IssueAddress): Promise<IssueDescription | null> {
  const { projectId, issueId } = address
  const project = Number(projectId)
  const [row] = await db
    .select()
    .from(issue)
    .where(and(eq(issue.project_id, project), eq(issue.id, issueId), ne(issue.status, 'deleting')))
  if (!row) return null
  const timeline = await db
    .select({ kind: activity.kind, at: activity.at, data: activity.data })
    .from(activity)
    .where(and(eq(activity.project_id, project), eq(activity.issue_id, issueId)))
    .orderBy(desc(activity.id))
    .limit(ACTIVITY_MAX)
  return {
    issue: row,
    merged: (await findMerged(db, address)).map(({ number }) => number),
    tags: await topTags(db, row),
    groupings: await describeGroupings(db, row),
    activity: timeline,
  }
}

async function topTags(db: Db, { project_id, id }: IssueRow): Promise<IssueDescription['tags']> {
  const rows = await db.execute<{ tag_key: string; tag_value: string; event_count: string }>(sql`
    SELECT tag_key, tag_value, event_count
    FROM (
      SELECT DISTINCT ON (tag_key) tag_key, tag_value, sum(issue_tag.event_count) AS event_count
      FROM grouping
      JOIN issue_tag ON issue_tag.project_id = grouping.project_id AND issue_tag.grouping_id = grouping.id
      WHERE grouping.project_id = ${project_id} AND grouping.issue_id = ${id}
      GROUP BY tag_key, tag_value
      ORDER BY tag_key, sum(issue_tag.event_count) DESC, tag_value
    ) AS top
    ORDER BY event_count DESC, tag_key
    LIMIT ${TAGS_MAX}`)
  return rows.map((tag) => ({ key: tag.tag_key, value: tag.tag_value, eventCount: Number(tag.event_count) }))
}

async function describeGroupings(db: Db, { project_id, id }: IssueRow): Promise<GroupingDescription[]> {
  return await db
    .select({
      id: grouping.id,
      event_count: grouping.event_count,
      first_seen: grouping.first_seen,
      last_seen: grouping.last_seen,
      mechanism: grouping.mechanism,
      key: grouping.key,
      parts: grouping.parts,
      adopted_from: grouping.adopted_from,
    })
    .from(grouping)
    .where(and(eq(grouping.project_id, project_id), eq(grouping.issue_id, id)))
    .orderBy(desc(grouping.event_count), grouping.id)
}
