import { setTimeout as delay } from 'node:timers/promises'
import type { ProjectId } from '@rumen/protocol/brand'
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { hasSqlState, SQL_STATE } from '../sql-state.ts'
import { project } from '../tables/project.ts'
import { projectIdOf } from './create-project.ts'
import { tablesOfProjects } from './project-rows.ts'

/** Rows of one statement: a few tens of milliseconds of locks nobody else wants. */
const ROWS_MAX = 5_000
/** Between looks at jobs that a worker still has in hand. */
const PAUSE_MS = 1_000

/**
 * Deletes what is left of all projects that are being deleted, one after the other, each with its row last. Any number of
 * processes may call it; one that was killed is finished by the next call. Between two batches it heeds `signal`. Gives how
 * many projects are gone; `onRows` hears of every batch.
 */
export async function finishDeletions(
  db: Db,
  signal?: AbortSignal,
  onRows: (count: number) => void = () => {},
): Promise<number> {
  let gone = 0
  for (let id = await nextDeleting(db, 0); id !== null; id = await nextDeleting(db, id)) {
    if (signal?.aborted) break
    if (await finishDeletion(db, projectIdOf(id), { signal, onRows })) gone++
  }
  return gone
}

/** The same for one project; false: it was told to stop. One that is not being deleted is left alone. */
export async function finishDeletion(
  db: Db,
  projectId: ProjectId,
  { signal, onRows }: { signal?: AbortSignal | undefined; onRows: (count: number) => void },
): Promise<boolean> {
  const isStopped = () => signal?.aborted === true
  for (;;) {
    if (!(await isDeleting(db, projectId))) return true
    // Before the rows: whoever claimed a job before the project was deleting may still write, and is done when none is left.
    const held = await countHeld(db, projectId)
    let deleted = await deleteJobs(db, projectId, { isStopped, onRows })
    for (const table of await tablesOfProjects(db)) {
      deleted += await deleteRows(db, table, { projectId, isStopped, onRows })
    }
    if (isStopped()) return false
    // Once more when there was anything: the ledger's rows move from one table to another.
    if (held === 0 && deleted === 0) break
    if (held > 0) await delay(PAUSE_MS)
  }
  await db.delete(project).where(and(eq(project.id, Number(projectId)), eq(project.status, 'deleting')))
  return true
}

async function nextDeleting(db: Db, after: number): Promise<number | null> {
  const [row] = await db
    .select({ id: project.id })
    .from(project)
    .where(and(eq(project.status, 'deleting'), gt(project.id, after)))
    .orderBy(asc(project.id))
    .limit(1)
  return row?.id ?? null
}

async function isDeleting(db: Db, projectId: ProjectId): Promise<boolean> {
  const rows = await db
    .select({ id: project.id })
    .from(project)
    .where(and(eq(project.id, Number(projectId)), eq(project.status, 'deleting')))
  return rows.length > 0
}

interface Deletion {
  isStopped: () => boolean
  onRows: (count: number) => void
}

/** Batch by batch, each a transaction of its own; how many there were. */
async function inBatches({ isStopped, onRows }: Deletion, deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0
  while (!isStopped()) {
    const count = await deleteBatch()
    if (count === 0) break
    total += count
    onRows(count)
  }
  return total
}

async function deleteRows(
  db: Db,
  name: string,
  { projectId, ...deletion }: Deletion & { projectId: ProjectId },
): Promise<number> {
  const table = sql.identifier(name)
  return await inBatches(deletion, async () => {
    try {
      const { count } = await db.execute(sql`
        DELETE FROM ${table}
        WHERE project_id = ${projectId}::bigint AND ctid = ANY (ARRAY(
          SELECT ctid FROM ${table} WHERE project_id = ${projectId}::bigint LIMIT ${ROWS_MAX}
        ))`)
      return count
    } catch (error) {
      // Its day was dropped meanwhile.
      if (hasSqlState(error, SQL_STATE.undefinedTable)) return 0
      throw error
    }
  })
}

/** All but those a worker has in hand: it settles them, and writes nothing for a project that is deleting. */
async function deleteJobs(db: Db, projectId: ProjectId, deletion: Deletion): Promise<number> {
  return await inBatches(deletion, async () => {
    const { count } = await db.execute(sql`
      DELETE FROM pgboss.job AS job
      USING (
        SELECT name, id FROM pgboss.job
        WHERE data->>'project_id' = ${projectId}::text AND state <> 'active'
        LIMIT ${ROWS_MAX}
        FOR UPDATE SKIP LOCKED
      ) AS waiting
      WHERE job.name = waiting.name AND job.id = waiting.id`)
    return count
  })
}

async function countHeld(db: Db, projectId: ProjectId): Promise<number> {
  const [row] = await db.execute<{ held: number }>(sql`
    SELECT count(*)::int AS held FROM pgboss.job
    WHERE data->>'project_id' = ${projectId}::text AND state = 'active'`)
  return row?.held ?? 0
}
