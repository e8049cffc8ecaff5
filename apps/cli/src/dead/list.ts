import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { type DeadJob, listDead } from '@rumen/db/dead/list-dead'
import type { ProjectId } from '@rumen/protocol/brand'
import { DEAD_QUEUE } from '@rumen/queue/digest-queue'
import { onOneLine } from '../on-one-line.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { deadAddress } from './address.ts'

const PAGE = 1000

/** `rumen dead list [--project ID] [--json]`: one line for each job that was given up, or one JSON array; oldest first. */
export async function listDeadCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, json } = readOptions(rest, { project: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = project === undefined ? null : readProjectId(project)
  await withDatabase(settings, async (db) => {
    if (json) console.log(JSON.stringify((await Array.fromAsync(pages(db, projectId))).flat().map(inJson)))
    else for await (const jobs of pages(db, projectId)) for (const job of jobs) console.log(inWords(job))
  })
}

async function* pages(db: Db, projectId: ProjectId | null): AsyncGenerator<readonly DeadJob[], void> {
  let after: DeadJob | null = null
  for (;;) {
    const jobs: readonly DeadJob[] = await listDead(db, {
      queue: DEAD_QUEUE,
      projectId,
      ids: null,
      after,
      countMax: PAGE,
    })
    if (jobs.length > 0) yield jobs
    after = jobs.at(-1) ?? null
    if (jobs.length < PAGE) return
  }
}

function inJson(job: DeadJob) {
  const address = deadAddress(job)
  return {
    id: job.id,
    died_at: job.diedAt,
    queued_at: job.queuedAt,
    project_id: address?.projectId ?? null,
    day: address?.day ?? null,
    archive_hash: address?.hash ?? null,
    tries: job.tries,
    reason: job.reason,
  }
}

function inWords(job: DeadJob): string {
  const { id, died_at, project_id, day, archive_hash, tries, reason } = inJson(job)
  const archive = archive_hash === null ? 'no archive' : `${day} ${archive_hash}`
  return [id, died_at.toISOString(), project_id ?? '', archive, `${tries} tries`, onOneLine(reason)].join('\t')
}
