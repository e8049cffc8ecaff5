import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'

/** Which groupings and keys are looked at, and under which rules. */
export interface StandingQuestion {
  projectId: ProjectId
  /** Of the `grouping_config`; null: of rules that are only tried out. */
  version: number | null
  groupingIds: readonly number[]
  /** In hexadecimal. */
  keyHashes: readonly string[]
}

/** A grouping, and how it came to its issue. */
export interface GroupingStanding {
  id: number
  keyHash: string
  /** The issue it belongs to. Of one that rules no longer in force have merged: the one it came with. */
  issueId: number
  /** The issue it points at. */
  pointsAt: number
  events: number
  /** The grouping whose issue its key took over, as long as both are of one issue. */
  adoptedFrom: number | null
  /** A run under the same version has split it off. */
  isSplitOff: boolean
}

export interface IssueStanding {
  id: number
  /** Of its project: people call it `slug-number`. */
  slug: string
  number: number
  title: string
  /** The issue it leads to; its own id, where it is merged into none. */
  root: number
}

export interface ProjectStanding {
  /** Every grouping of the issues that any of those asked for points at. */
  groupings: readonly GroupingStanding[]
  issues: ReadonlyMap<number, IssueStanding>
  /** Issues that other versions than this one have merged, and nobody by hand. */
  mergedIssueIds: ReadonlySet<number>
}

/** How the groupings asked for stand, with all others of their issues. Issues that are being deleted are left out. */
export async function readStanding(db: Db | Tx, question: StandingQuestion): Promise<ProjectStanding> {
  const rows = await readGroupings(db, question)
  const roots = [...new Set(rows.map((row) => Number(row.issue_id)))]
  const issues = await readIssues(db, question, roots)
  const merges = await readMerges(db, question, [...issues.keys()])
  const homes = homesOf(merges, issues)
  const splitOff = await readSplitOff(db, question, [...issues.keys()])
  return {
    groupings: rows.map((row) => {
      const [id, pointsAt] = [Number(row.id), Number(row.issue_id)]
      const home = homes.get(id)
      return {
        id,
        keyHash: row.key_hash,
        issueId: home !== undefined && issues.get(home)?.root === pointsAt ? home : pointsAt,
        pointsAt,
        events: Number(row.event_count),
        adoptedFrom: row.adopted_from === null ? null : Number(row.adopted_from),
        isSplitOff: splitOff.has(id),
      }
    }),
    issues,
    mergedIssueIds: new Set(merges.map(({ issueId }) => issueId)),
  }
}

interface GroupingRecord extends Record<string, unknown> {
  id: string
  key_hash: string
  issue_id: string
  event_count: string
  adopted_from: string | null
}

async function readGroupings(
  db: Db | Tx,
  { projectId, groupingIds, keyHashes }: StandingQuestion,
): Promise<readonly GroupingRecord[]> {
  return await db.execute<GroupingRecord>(sql`
    WITH involved AS MATERIALIZED (
      SELECT grouping.issue_id
      FROM json_array_elements_text(${JSON.stringify(groupingIds)}::json) AS wanted(id)
      JOIN grouping ON grouping.project_id = ${projectId} AND grouping.id = wanted.id::bigint
      UNION
      SELECT grouping.issue_id
      FROM json_array_elements_text(${JSON.stringify(keyHashes)}::json) AS wanted(hash)
      JOIN grouping ON grouping.project_id = ${projectId} AND grouping.key_hash = decode(wanted.hash, 'hex')
    )
    SELECT grouping.id, encode(grouping.key_hash, 'hex') AS key_hash, grouping.issue_id, grouping.event_count,
      CASE WHEN ancestor.issue_id = grouping.issue_id THEN grouping.adopted_from END AS adopted_from
    FROM involved
    JOIN issue ON issue.project_id = ${projectId} AND issue.id = involved.issue_id AND issue.status <> 'deleting'
    JOIN grouping ON grouping.project_id = ${projectId} AND grouping.issue_id = involved.issue_id
    LEFT JOIN grouping AS ancestor ON ancestor.project_id = ${projectId} AND ancestor.id = grouping.adopted_from
    ORDER BY grouping.id`)
}

/** The issues, and all that lead to them. */
async function readIssues(
  db: Db | Tx,
  { projectId }: StandingQuestion,
  roots: readonly number[],
): Promise<ReadonlyMap<number, IssueStanding>> {
  const rows = await db.execute<{ id: string; slug: string; number: string; title: string; root: string }>(sql`
    WITH RECURSIVE led AS (
      SELECT issue.id, issue.number, issue.title, issue.id AS root
      FROM json_array_elements_text(${JSON.stringify(roots)}::json) AS wanted(id)
      JOIN issue ON issue.project_id = ${projectId} AND issue.id = wanted.id::bigint
      UNION ALL
      SELECT issue.id, issue.number, issue.title, led.root
      FROM led JOIN issue ON issue.project_id = ${projectId} AND issue.merged_into = led.id
    )
    SELECT led.id, project.slug, led.number, led.title, led.root
    FROM led JOIN project ON project.id = ${projectId}
    ORDER BY led.id`)
  const issues = rows.map(({ id, slug, number, title, root }) => {
    return { id: Number(id), slug, number: Number(number), title, root: Number(root) }
  })
  return new Map(issues.map((one) => [one.id, one]))
}

interface Merge {
  issueId: number
  groupings: readonly number[]
}

/** The last merge of each issue that is merged, if another version of the rules did it; the newest first. */
async function readMerges(
  db: Db | Tx,
  { projectId, version }: StandingQuestion,
  issueIds: readonly number[],
): Promise<readonly Merge[]> {
  const rows = await db.execute<{ issue_id: string; groupings: number[] }>(sql`
    SELECT last.issue_id, last.groupings
    FROM (
      SELECT DISTINCT ON (activity.issue_id) activity.issue_id, activity.id,
        activity.data->'groupings' AS groupings, (activity.data->>'version')::int AS version
      FROM json_array_elements_text(${JSON.stringify(issueIds)}::json) AS wanted(id)
      JOIN issue
        ON issue.project_id = ${projectId} AND issue.id = wanted.id::bigint AND issue.merged_into IS NOT NULL
      JOIN activity
        ON activity.project_id = ${projectId} AND activity.issue_id = issue.id
          AND activity.kind = 'merged' AND activity.data->'groupings' IS NOT NULL
      ORDER BY activity.issue_id, activity.id DESC
    ) AS last
    WHERE last.version IS NOT NULL AND last.version IS DISTINCT FROM ${version}::int
    ORDER BY last.id DESC`)
  return rows.map(({ issue_id, groupings }) => ({ issueId: Number(issue_id), groupings }))
}

/** The issue each grouping came with. What was merged first was merged by itself: later ones brought it along with theirs. */
function homesOf(merges: readonly Merge[], issues: ReadonlyMap<number, IssueStanding>): ReadonlyMap<number, number> {
  const known = merges.filter(({ issueId }) => issues.has(issueId))
  return new Map(known.flatMap(({ issueId, groupings }) => groupings.map((id) => [id, issueId] as const)))
}

/** Groupings that this version has split off as issues of their own. */
async function readSplitOff(
  db: Db | Tx,
  { projectId, version }: StandingQuestion,
  issueIds: readonly number[],
): Promise<ReadonlySet<number>> {
  if (version === null) return new Set()
  const rows = await db.execute<{ id: string }>(sql`
    SELECT split_off.id
    FROM json_array_elements_text(${JSON.stringify(issueIds)}::json) AS wanted(id)
    JOIN activity
      ON activity.project_id = ${projectId} AND activity.issue_id = wanted.id::bigint
        AND activity.kind = 'split' AND activity.data->'from' IS NOT NULL
        AND (activity.data->>'version')::int = ${version}
    CROSS JOIN json_array_elements_text((activity.data->'groupings')::json) AS split_off(id)`)
  return new Set(rows.map(({ id }) => Number(id)))
}
