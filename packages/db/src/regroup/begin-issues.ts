import type { ProjectId } from '@rumen/protocol/brand'
import { eq, sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { issue } from '../tables/issue.ts'
import { project_counter } from '../tables/project.ts'
import type { DescribedKey, PlacedKey } from './pointer-changes.ts'

export interface BegunIssue {
  id: number
  number: number
}

const COLUMNS = ['project_id', 'number', 'title', 'culprit', 'type', 'value', 'level', 'first_seen', 'last_seen']

/**
 * An issue for each of the keys, by its hash, called after its newest event and without any until they are moved; nobody has
 * judged it, and so it is unresolved. The transaction has locked the project's counter.
 */
export async function beginIssues(
  tx: Tx,
  { projectId, described }: { projectId: ProjectId; described: ReadonlyMap<string, DescribedKey> },
  keys: readonly PlacedKey[],
): Promise<ReadonlyMap<string, BegunIssue>> {
  if (keys.length === 0) return new Map()
  const [counter] = await tx
    .update(project_counter)
    .set({ issue_number: sql`${project_counter.issue_number} + ${keys.length}` })
    .where(eq(project_counter.project_id, Number(projectId)))
    .returning()
  if (counter === undefined) throw new Error(`project ${projectId} is gone`)
  const first = counter.issue_number - keys.length + 1
  // Those with most events get the first numbers: they are read first.
  const numbered = keys
    .toSorted((a, b) => b.events - a.events || (a.keyHash < b.keyHash ? -1 : 1))
    .map(({ keyHash }, at) => ({ keyHash, number: first + at }))
  const rows = numbered.map(({ keyHash, number }) => issueRow(projectId, number, described.get(keyHash)))
  const inserted = await tx.execute<{ id: string; number: string }>(sql`
    INSERT INTO issue (project_id, number, title, culprit, type, value, level, first_seen, last_seen)
    SELECT r.project_id, r.number, r.title, r.culprit, r.type, r.value, r.level, r.first_seen, r.last_seen
    FROM ${recordset(issue, COLUMNS, rows)}
    RETURNING id, number`)
  const ids = new Map(inserted.map((row) => [Number(row.number), Number(row.id)]))
  return new Map(
    numbered.flatMap(({ keyHash, number }) => {
      const id = ids.get(number)
      return id === undefined ? [] : [[keyHash, { id, number }] as const]
    }),
  )
}

function issueRow(project_id: ProjectId, number: number, key: DescribedKey | undefined) {
  if (key === undefined) throw new Error('an issue is to begin with a key nobody has described')
  const { title, culprit, type, value, level, seenAt } = key
  return { project_id, number, title, culprit, type, value, level, first_seen: seenAt, last_seen: seenAt }
}
