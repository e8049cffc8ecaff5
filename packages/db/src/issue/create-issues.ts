import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping, issue } from '../tables/issue.ts'
import { project_counter } from '../tables/project.ts'
import { findGroupings, type GroupingAddress, groupingAddress } from './find-groupings.ts'

/** A grouping nobody has seen yet, with the issue its first event describes. */
export interface NewIssue extends GroupingAddress {
  /** The key by its project's former rules, while that moves from those to the present ones. */
  former_key_hash: string | null
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
 *
 * While a project moves to other rules, a key nobody has seen takes over the issue that its events had by the former rules,
 * wherever that key points by now: number, status and comments of the issue go on. A key may be wanted several times, with
 * another former one each time: the first of them that leads anywhere decides, and the first of all what a new issue is called.
 */
export async function createIssues(db: Db, wanted: readonly NewIssue[]): Promise<ReadonlyMap<string, number>> {
  return await db.transaction(async (tx) => {
    await lockCounters(tx, wanted)
    const found = await findGroupings(tx, wanted)
    const missing = wanted.filter((one) => !found.has(groupingAddress(one)))
    if (missing.length === 0) return found
    const adopted = await adoptIssues(tx, missing)
    const novel = firstOfEach(missing.filter((one) => !adopted.has(groupingAddress(one))))
    await insertIssues(tx, await takeNumbers(tx, novel))
    return new Map([...found, ...adopted, ...(await findGroupings(tx, novel))])
  })
}

function firstOfEach(wanted: readonly NewIssue[]): NewIssue[] {
  const first = new Map<string, NewIssue>()
  for (const one of wanted) {
    const address = groupingAddress(one)
    if (!first.has(address)) first.set(address, one)
  }
  return [...first.values()]
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

/** New groupings of issues that have the former keys of these, by `groupingAddress`. */
async function adoptIssues(tx: Tx, missing: readonly NewIssue[]): Promise<ReadonlyMap<string, number>> {
  const moved = missing.flatMap(({ project_id, key_hash, former_key_hash, mechanism, key, parts }, place) =>
    former_key_hash === null ? [] : [{ place, project_id, former_key_hash, key_hash, mechanism, key, parts }],
  )
  if (moved.length === 0) return new Map()
  const rows = await tx.execute<{ project_id: ProjectId; key_hash: string; id: string }>(sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts, adopted_from)
    SELECT DISTINCT ON (moved.project_id, moved.key_hash)
      moved.project_id, moved.key_hash, former.issue_id, moved.mechanism, moved.key, moved.parts, former.id
    FROM json_to_recordset(${JSON.stringify(moved)}::json) AS moved(
      place integer, project_id bigint, former_key_hash bytea, key_hash bytea, mechanism text, key text, parts jsonb
    )
    JOIN grouping AS former ON former.project_id = moved.project_id AND former.key_hash = moved.former_key_hash
    ORDER BY moved.project_id, moved.key_hash, moved.place
    RETURNING project_id, '\\x' || encode(key_hash, 'hex') AS key_hash, id`)
  return new Map(rows.map((row) => [groupingAddress(row), Number(row.id)]))
}

/** The next numbers of each project, in the order the issues were given. */
async function takeNumbers(tx: Tx, missing: readonly NewIssue[]): Promise<NumberedIssue[]> {
  if (missing.length === 0) return []
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
  if (issues.length === 0) return
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
