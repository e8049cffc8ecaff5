import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping, issue } from '../tables/issue.ts'
import { project_counter } from '../tables/project.ts'
import { findGroupings, type GroupingAddress, groupingAddress } from './find-groupings.ts'

/** A grouping nobody has seen yet, with the issue its first event describes. */
export interface NewIssue extends GroupingAddress {
  mechanism: string
  key: string
  parts: unknown
  title: string
  culprit: string
  type: string | null
  value: string | null
  level: number
  seen_at: Date
}

/**
 * Makes the issues and their groupings, in a transaction of its own before the one that counts their events, and gives
 * the ids of all wanted groupings. Two workers with the same new bug make one issue: whoever comes second to a project's
 * counter row waits, reads again and finds it. An issue left without events by a crash is invisible.
 */
export async function createIssues(db: Db, wanted: readonly NewIssue[]): Promise<ReadonlyMap<string, number>> {
  return await db.transaction(async (tx) => {
    await lockCounters(tx, wanted)
    const found = await findGroupings(tx, wanted)
    const missing = [...new Map(wanted.map((one) => [groupingAddress(one), one])).values()].filter(
      (one) => !found.has(groupingAddress(one)),
    )
    if (missing.length === 0) return found
    const numbered = await takeNumbers(tx, missing)
    await insertIssues(tx, numbered)
    return new Map([...found, ...(await findGroupings(tx, missing))])
  })
}

type NumberedIssue = NewIssue & { number: number }

/** In project order, so that two workers never wait for each other. */
async function lockCounters(tx: Tx, wanted: readonly NewIssue[]): Promise<void> {
  const projects = [...new Set(wanted.map((one) => one.project_id))].map((project_id) => ({ project_id }))
  await tx.execute(sql`
    SELECT FROM project_counter
    WHERE project_id IN (SELECT r.project_id FROM ${recordset(project_counter, ['project_id'], projects)})
    ORDER BY project_id
    FOR UPDATE`)
}

/** The next numbers of each project, in the order the issues were given. */
async function takeNumbers(tx: Tx, missing: readonly NewIssue[]): Promise<NumberedIssue[]> {
  const byProject = Map.groupBy(missing, (one) => one.project_id)
  const taken = [...byProject].map(([project_id, issues]) => ({ project_id, issue_number: issues.length }))
  const rows = await tx.execute<{ project_id: ProjectId; issue_number: string }>(sql`
    UPDATE project_counter
    SET issue_number = project_counter.issue_number + r.issue_number
    FROM ${recordset(project_counter, ['project_id', 'issue_number'], taken)}
    WHERE project_counter.project_id = r.project_id
    RETURNING project_counter.project_id, project_counter.issue_number`)
  const last = new Map(rows.map((row) => [row.project_id, Number(row.issue_number)]))
  return [...byProject].flatMap(([project_id, issues]) => {
    const newest = last.get(project_id)
    // A project deleted between receipt and digest has no counter, and its events nowhere to go.
    if (newest === undefined) return []
    return issues.map((one, at) => ({ ...one, number: newest - issues.length + 1 + at }))
  })
}

async function insertIssues(tx: Tx, issues: readonly NumberedIssue[]): Promise<void> {
  const issueColumns = ['project_id', 'number', 'title', 'culprit', 'type', 'value', 'level', 'first_seen', 'last_seen']
  const inserted = await tx.execute<{ project_id: ProjectId; number: string; id: string }>(sql`
    INSERT INTO issue (project_id, number, title, culprit, type, value, level, first_seen, last_seen)
    SELECT r.project_id, r.number, r.title, r.culprit, r.type, r.value, r.level, r.first_seen, r.last_seen
    FROM ${recordset(issue, issueColumns, issues.map(issueRow))}
    RETURNING project_id, number, id`)
  const ids = new Map(inserted.map((row) => [`${row.project_id}-${row.number}`, row.id]))
  const groupings = issues.map((one) => ({
    project_id: one.project_id,
    key_hash: one.key_hash,
    issue_id: ids.get(`${one.project_id}-${one.number}`),
    mechanism: one.mechanism,
    key: one.key,
    parts: one.parts,
  }))
  const groupingColumns = ['project_id', 'key_hash', 'issue_id', 'mechanism', 'key', 'parts']
  await tx.execute(sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT r.project_id, r.key_hash, r.issue_id, r.mechanism, r.key, r.parts
    FROM ${recordset(grouping, groupingColumns, groupings)}`)
}

function issueRow({ project_id, number, title, culprit, type, value, level, seen_at }: NumberedIssue) {
  return { project_id, number, title, culprit, type, value, level, first_seen: seen_at, last_seen: seen_at }
}
