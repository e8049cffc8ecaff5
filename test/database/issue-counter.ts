import type { Db, Tx } from '@rumen/db/connect'
import { countHours } from '@rumen/db/issue/count-hours'
import { countTags } from '@rumen/db/issue/count-tags'
import { countUsers } from '@rumen/db/issue/count-users'
import { createIssues } from '@rumen/db/issue/create-issues'
import { type GroupingRef, groupingRef, lockIssues } from '@rumen/db/issue/lock-issues'
import { updateGroupings } from '@rumen/db/issue/update-groupings'
import { updateIssues } from '@rumen/db/issue/update-issues'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'

/** An event of a bug, without its report: what is counted of it. Of one minute of one day each, no two of the same. */
export interface Happening {
  bug: number
  /** Hours and minutes. */
  time: string
  level: number
  release: string | null
  user: string
}

const DAY = '2026-11-21'

export function at(time: string): Date {
  return new Date(`${DAY}T${time}:00Z`)
}

/** The grouping of a bug, made with an issue of its own where nobody has seen it. */
export async function groupingOf(db: Db, projectId: ProjectId, bug: number): Promise<GroupingRef> {
  const key_hash = `\\x${bug.toString(16).padStart(64, '0')}`
  const grouped = { key_hash, former_key_hash: null, mechanism: 'v1', key: `key ${bug}`, parts: [] }
  const described = {
    title: `Error ${bug}`,
    culprit: 'main',
    type: 'Error',
    value: null,
    level: 0,
    seen_at: at('00:00'),
  }
  const [grouping_id = 0] = (await createIssues(db, [{ project_id: projectId, ...grouped, ...described }])).values()
  return { project_id: projectId, grouping_id }
}

/** Counts an event as a worker does; false, and nothing is counted: the grouping was moved since its issue was looked for. */
export async function count(tx: Tx, ref: GroupingRef, { time, level, release, user }: Happening): Promise<boolean> {
  const issue = (await lockIssues(tx, [ref])).get(groupingRef(ref))
  if (issue === undefined) return false
  const moment = at(time)
  const releaseAt = release === null ? null : moment
  const summary = {
    ...{ event_count: 1, level, first_seen: moment, last_seen: moment, first_release: release, last_release: release },
    ...{ first_release_at: releaseAt, last_release_at: releaseAt },
  }
  const { project_id, grouping_id } = ref
  const updated = await updateGroupings(tx, [{ project_id, id: grouping_id, issue_id: issue.id, ...summary }])
  if (updated.size === 0) return false
  await countHours(tx, [{ ...ref, hour: at(`${time.slice(0, 2)}:00`), event_count: 1 }])
  await countTags(tx, [{ ...ref, tag_key: 'level', tag_value: `${level}`, event_count: 1 }])
  const [newUsers] = await countUsers(tx, [{ ...ref, issue_id: issue.id, user_key: user, last_day: DAY }])
  const isFirst = issue.event_count === 0 || moment < issue.first_seen
  const isLast = issue.event_count === 0 || moment > issue.last_seen
  const isFirstRelease = release !== null && (issue.first_release_at === null || moment < issue.first_release_at)
  const isLastRelease = release !== null && (issue.last_release_at === null || moment > issue.last_release_at)
  await updateIssues(tx, [
    {
      ...issue,
      ...{ event_count: 1, user_count: newUsers?.users ?? 0 },
      ...(isFirst ? { first_seen: moment } : {}),
      ...(isLast ? { last_seen: moment, level } : {}),
      ...(isFirstRelease ? { first_release: release, first_release_at: moment } : {}),
      ...(isLastRelease ? { last_release: release, last_release_at: moment } : {}),
    },
  ])
  return true
}

/** The issues of a project that have events, and what is counted of them, as a person would add it up. */
export async function pictureOf(sql: Sql, projectId: ProjectId) {
  const issues = await sql`
    SELECT number::int, status, event_count::int AS events, user_count::int AS users, level, first_seen, last_seen,
      first_release, first_release_at, last_release, last_release_at,
      ARRAY(
        SELECT key FROM grouping WHERE grouping.project_id = issue.project_id AND issue_id = issue.id ORDER BY key
      ) AS keys,
      (
        SELECT count(DISTINCT user_key)::int FROM issue_user JOIN grouping ON grouping.id = grouping_id
        WHERE issue_id = issue.id
      ) AS met
    FROM issue WHERE project_id = ${projectId} AND event_count > 0 ORDER BY number`
  const hours = await sql`
    SELECT number::int, hour, sum(issue_hour.event_count)::int AS events
    FROM issue_hour JOIN grouping ON grouping.id = grouping_id JOIN issue ON issue.id = issue_id
    WHERE issue.project_id = ${projectId} GROUP BY 1, 2 ORDER BY 1, 2`
  const tags = await sql`
    SELECT number::int, tag_value, sum(issue_tag.event_count)::int AS events
    FROM issue_tag JOIN grouping ON grouping.id = grouping_id JOIN issue ON issue.id = issue_id
    WHERE issue.project_id = ${projectId} GROUP BY 1, 2 ORDER BY 1, 2`
  return { issues: [...issues], hours: [...hours], tags: [...tags] }
}
