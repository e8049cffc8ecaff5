import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'

/** New events of one grouping in one hour of receipt. */
export interface Sighting {
  project_id: ProjectId
  grouping_id: number
  /** Start of the hour. */
  hour: Date
  event_count: number
  first_seen: Date
  last_seen: Date
  /** Of the newest event. */
  level: number
}

/**
 * Adds the sightings to their issues and hours. It comes last in the transaction, so that its row locks are held
 * shortest, and takes them in one order everywhere: issues by (project, id), then hours by (project, issue, hour).
 * `first_seen` only moves back, `last_seen` only forward.
 */
export async function countEvents(tx: Tx, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return
  await countByIssue(tx, sightings)
  await countByHour(tx, sightings)
}

async function countByIssue(tx: Tx, sightings: readonly Sighting[]): Promise<void> {
  await tx.execute(sql`
    WITH sighting AS (
      SELECT r.project_id, grouping.issue_id,
        sum(r.event_count) AS event_count, min(r.first_seen) AS first_seen, max(r.last_seen) AS last_seen,
        (array_agg(r.level ORDER BY r.last_seen DESC))[1] AS level
      FROM ${rowsOf(sightings)}
      JOIN grouping ON grouping.project_id = r.project_id AND grouping.id = r.grouping_id
      GROUP BY r.project_id, grouping.issue_id
    ),
    locked AS (
      SELECT issue.project_id, issue.id
      FROM issue
      JOIN sighting ON sighting.project_id = issue.project_id AND sighting.issue_id = issue.id
      ORDER BY issue.project_id, issue.id
      FOR NO KEY UPDATE OF issue
    )
    UPDATE issue
    SET
      event_count = issue.event_count + sighting.event_count,
      first_seen = least(issue.first_seen, sighting.first_seen),
      last_seen = greatest(issue.last_seen, sighting.last_seen),
      level = CASE WHEN sighting.last_seen >= issue.last_seen THEN sighting.level ELSE issue.level END
    FROM locked
    JOIN sighting ON sighting.project_id = locked.project_id AND sighting.issue_id = locked.id
    WHERE issue.project_id = locked.project_id AND issue.id = locked.id`)
}

async function countByHour(tx: Tx, sightings: readonly Sighting[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO issue_hour (project_id, issue_id, hour, event_count)
    SELECT r.project_id, grouping.issue_id, r.hour, sum(r.event_count)
    FROM ${rowsOf(sightings)}
    JOIN grouping ON grouping.project_id = r.project_id AND grouping.id = r.grouping_id
    GROUP BY r.project_id, grouping.issue_id, r.hour
    ORDER BY r.project_id, grouping.issue_id, r.hour
    ON CONFLICT (project_id, issue_id, hour)
    DO UPDATE SET event_count = issue_hour.event_count + excluded.event_count`)
}

function rowsOf(sightings: readonly Sighting[]): SQL {
  return sql`json_to_recordset(${JSON.stringify(sightings)}::json) AS r(
    project_id bigint, grouping_id bigint, hour timestamptz, event_count bigint,
    first_seen timestamptz, last_seen timestamptz, level smallint
  )`
}
