import { sql } from 'drizzle-orm'
import { chunksOf } from '../chunks-of.ts'
import type { Db, Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import { holdIssues, type IssueRow } from '../issue/hold-issue.ts'
import { sumGroupings } from '../issue/sum-groupings.ts'
import { recordset } from '../recordset.ts'
import { activity, grouping, issue } from '../tables/issue.ts'
import { type BegunIssue, beginIssues } from './begin-issues.ts'
import { holdRules } from './hold-rules.ts'
import { makeGroupings, passOn } from './make-groupings.ts'
import { changesOf, type DescribedKey, type Placement, type PointerChanges } from './pointer-changes.ts'
import { type ProjectStanding, readStanding, type StandingQuestion } from './read-standing.ts'

export interface Regrouping extends StandingQuestion {
  /** The one the project is grouped by. */
  version: number
  /** By their hashes: every key that may have to get a grouping, or an issue. */
  described: ReadonlyMap<string, DescribedKey>
  now: Date
}

export interface IssuesRegrouped {
  placement: Placement
  /** As things stood before. */
  standing: ProjectStanding
  changes: PointerChanges
  /** The grouping of each placed key, by the key's hash. */
  groupingIds: ReadonlyMap<string, number>
  /** What has begun with a key, likewise. */
  begun: ReadonlyMap<string, BegunIssue>
}

/**
 * Moves pointers as `decide` says, all in one transaction: keys get their groupings, groupings go where their issues go, what
 * splits off gets a number, and what merges leads to what it was merged into. No report is touched and nothing that was
 * counted changes: issues are what their groupings add up to, before and after. No status changes, either.
 *
 * `decide` sees how things stand while nobody else can move or make groupings of the project, or change its rules. Throws
 * `RulesChangedError` if the project has other rules now than those of `version`.
 */
export async function regroupIssues(
  db: Db,
  regrouping: Regrouping,
  decide: (standing: ProjectStanding) => Placement,
): Promise<IssuesRegrouped> {
  const { projectId, described } = regrouping
  return await db.transaction(async (tx) => {
    await holdRules(tx, regrouping)
    const standing = await readStanding(tx, regrouping)
    const placement = decide(standing)
    const changes = changesOf(placement, standing, described)
    const held = await holdIssues(tx, projectId, touchedBy(placement, changes, standing))
    const begun = await beginIssues(tx, regrouping, changes.begins)
    const made = await makeGroupings(tx, regrouping, issuesOfKeys(changes.novel, begun))
    const groupingIds = new Map([...standing.groupings.map((one) => [one.keyHash, one.id] as const), ...made])
    const regrouped = { placement, standing, changes, groupingIds, begun }
    await applyChanges(tx, regrouping, { ...regrouped, held })
    return regrouped
  })
}

/** With the issues that were there, as they stood when they were locked. */
interface Applied extends IssuesRegrouped {
  held: ReadonlyMap<number, IssueRow>
}

async function applyChanges(tx: Tx, regrouping: Regrouping, regrouped: Applied): Promise<void> {
  const { projectId } = regrouping
  const { placement, changes, begun } = regrouped
  const pointers = changes.pointers.map(({ groupingId, from, to }) => ({
    id: groupingId,
    from,
    issue_id: idOf(to, begun),
  }))
  await passOn(tx, projectId, changes.inherits)
  await movePointers(tx, regrouping, pointers)
  await lead(tx, regrouping, placement)
  await entitle(tx, regrouping, changes.titles)
  await sumMoved(tx, regrouping, pointers, regrouped)
  await insertRows(tx, activity, timelineOf(regrouping, regrouped))
}

function idOf(place: number | string, begun: ReadonlyMap<string, BegunIssue>): number {
  const id = typeof place === 'number' ? place : begun.get(place)?.id
  if (id === undefined) throw new Error('an issue was to begin, and has not')
  return id
}

function issuesOfKeys(keys: Placement['keys'], begun: ReadonlyMap<string, BegunIssue>) {
  return keys.map(({ keyHash, issueId, heirOf }) => ({ keyHash, heirOf, issueId: issueId ?? idOf(keyHash, begun) }))
}

/** The issues that were there and that anything is done to. */
function touchedBy({ merged, unmerged }: Placement, changes: PointerChanges, { groupings }: ProjectStanding): number[] {
  const { pointers, novel, begins, inherits, titles } = changes
  const heirs = new Set(inherits.map(({ groupingId }) => groupingId))
  const touched = new Set([
    // A grouping changes only under the lock of its issue, though it stays there.
    ...groupings.flatMap(({ id, pointsAt }) => (heirs.has(id) ? [pointsAt] : [])),
    ...pointers.flatMap(({ from, to }) => (typeof to === 'number' ? [from, to] : [from])),
    ...novel.flatMap(({ issueId }) => issueId ?? []),
    ...begins.map(({ mostlyOf }) => mostlyOf),
    ...merged.flatMap(({ issueId, into }) => [issueId, into]),
    ...unmerged,
    ...titles.map(({ issueId }) => issueId),
  ])
  return [...touched]
}

type Place = Pick<Regrouping, 'projectId'>
type Pointer = { id: number; from: number; issue_id: number }

async function movePointers(tx: Tx, { projectId }: Place, pointers: readonly Pointer[]): Promise<void> {
  if (pointers.length === 0) return
  await tx.execute(sql`
    UPDATE grouping SET issue_id = r.issue_id
    FROM ${recordset(grouping, ['id', 'issue_id'], pointers)}
    WHERE grouping.project_id = ${projectId} AND grouping.id = r.id`)
}

/** Where merged issues lead from now on, and unmerged ones no more. */
async function lead(tx: Tx, { projectId }: Place, { merged, unmerged }: Placement): Promise<void> {
  const rows = [
    ...merged.map(({ issueId, into }) => ({ id: issueId, merged_into: into })),
    ...unmerged.map((id) => ({ id, merged_into: null })),
  ]
  if (rows.length === 0) return
  await tx.execute(sql`
    UPDATE issue
    SET
      merged_into = r.merged_into,
      -- Put back by what it had then, and by what comes back now: it waits for as many further events as it did.
      muted_until_count = issue.muted_until_count - CASE WHEN r.merged_into IS NULL THEN coalesce((
        SELECT (activity.data->>'events')::bigint
        FROM activity
        WHERE activity.project_id = issue.project_id AND activity.issue_id = issue.id AND activity.kind = 'merged'
          AND activity.data->'groupings' IS NOT NULL
        ORDER BY activity.id DESC
        LIMIT 1
      ), 0) ELSE 0 END
    FROM ${recordset(issue, ['id', 'merged_into'], rows)}
    WHERE issue.project_id = ${projectId} AND issue.id = r.id`)
}

async function entitle(tx: Tx, { projectId }: Place, titles: PointerChanges['titles']): Promise<void> {
  if (titles.length === 0) return
  const rows = titles.map(({ issueId, title }) => ({ id: issueId, title }))
  await tx.execute(sql`
    UPDATE issue SET title = r.title
    FROM ${recordset(issue, ['id', 'title'], rows)}
    WHERE issue.project_id = ${projectId} AND issue.id = r.id`)
}

/** Issues added up by one statement: each of them may have a hundred thousand users. */
const SUMMED_MAX = 100

async function sumMoved(
  tx: Tx,
  { projectId }: Place,
  pointers: readonly Pointer[],
  { begun, placement }: Applied,
): Promise<void> {
  const project_id = Number(projectId)
  // What begins was never muted, and what merges keeps what it was muted for until it is by itself again.
  const passive = new Set([...begun.values()].map(({ id }) => id))
  for (const { issueId } of placement.merged) passive.add(issueId)
  const moved = [...new Set(pointers.flatMap(({ from, issue_id }) => [from, issue_id]))]
  const issues = moved.map((id) => ({ project_id, id }))
  for (const some of chunksOf(issues, SUMMED_MAX)) {
    await sumGroupings(
      tx,
      some,
      some.filter(({ id }) => !passive.has(id)),
    )
  }
}

interface Happening {
  project_id: string
  issue_id: number
  kind: 'merged' | 'unmerged' | 'split'
  at: Date
  data: object
}

/** What there is to tell of the issues, by the numbers people call them by. The version is what tells it from acts of people. */
function timelineOf({ projectId, version, now }: Regrouping, regrouped: Applied): Happening[] {
  const { placement, standing, changes, groupingIds, begun, held } = regrouped
  const numberOf = (id: number) => standing.issues.get(id)?.number ?? 0
  const happening = (issue_id: number, kind: Happening['kind'], data: object): Happening => {
    return { project_id: projectId, issue_id, kind, at: now, data: { ...data, version } }
  }
  const byTarget = Map.groupBy(changes.pointers, ({ to }) => to)
  const movedTo = (issueId: number) => byTarget.get(issueId) ?? []
  return [
    ...placement.unmerged.flatMap((issueId) => {
      const root = standing.issues.get(issueId)?.root ?? issueId
      const groupings = movedTo(issueId).map(({ groupingId }) => groupingId)
      return [
        happening(issueId, 'unmerged', { from: numberOf(root), groupings }),
        happening(root, 'unmerged', { into: numberOf(issueId), groupings }),
      ]
    }),
    ...placement.merged.flatMap(({ issueId, into }) => {
      const moved = movedTo(into).filter(({ from }) => from === issueId)
      const groupings = moved.map(({ groupingId }) => groupingId)
      return [
        happening(issueId, 'merged', { into: numberOf(into), groupings, events: held.get(issueId)?.event_count ?? 0 }),
        happening(into, 'merged', { from: numberOf(issueId) }),
      ]
    }),
    ...changes.begins.flatMap(({ keyHash, mostlyOf }) => {
      const made = begun.get(keyHash)
      if (made === undefined) return []
      const groupings = [groupingIds.get(keyHash)]
      return [
        happening(mostlyOf, 'split', { into: made.number, groupings }),
        happening(made.id, 'split', { from: numberOf(mostlyOf), groupings }),
      ]
    }),
  ]
}
