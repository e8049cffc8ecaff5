import { archiveAddress, type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import type { NewIssue } from '@rumen/db/issue/create-issues'
import { LEVELS } from '@rumen/protocol/event'
import { type DigestJob, readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob, Consumer } from '@rumen/queue/start-consumer'
import {
  type DigestedEvent,
  type DigestLimits,
  digestArchive,
  type ItemDigest,
  type RejectedItem,
} from './digest-archive.ts'
import type { DimensionIds } from './dimension-ids.ts'
import type { GroupingIds } from './grouping-ids.ts'
import { type ReadyBatch, writeBatch } from './write-batch.ts'

export interface DigestContext {
  db: Db
  consumer: Pick<Consumer, 'settle'>
  dimensionIds: DimensionIds
  groupingIds: GroupingIds
  limits: DigestLimits
}

/** A batch that took this long is not written: its jobs expire after sixty seconds and are somebody else's then. */
const BATCH_MS_MAX = 30_000

/**
 * Digests the archives of the jobs and settles the jobs, all or nothing. What is wrong with an item ends in the ledger;
 * it throws only for what concerns the whole batch: the database, or jobs that are not this worker's any more.
 */
export async function digestBatch(context: DigestContext, jobs: readonly ClaimedJob[]): Promise<void> {
  const deadline = Date.now() + BATCH_MS_MAX
  const addressed = jobs.map((job) => ({ job, address: addressOf(readDigestJob(job.data)) }))
  const archives = await readArchives(
    context.db,
    addressed.flatMap(({ address }) => address ?? []),
  )
  const digested = addressed.flatMap(({ job, address }): DigestedItem[] => {
    // No such archive: its day was dropped, it was erased, or its project deleted. Nothing is left to digest.
    const archive = address && archives.get(archiveAddress(address))
    if (!archive) return []
    return digestArchive(archive, context.limits).map((item) => ({ archive, item, retryCount: job.retryCount }))
  })
  const batch = await prepare(context, digested)
  if (Date.now() > deadline) throw new Error(`a batch of ${jobs.length} took longer than ${BATCH_MS_MAX} ms`)
  await writeBatch(context.db, batch, (tx) => context.consumer.settle(tx, jobs))
}

interface DigestedItem {
  archive: ReadArchive
  item: ItemDigest
  retryCount: number
}

function addressOf(job: DigestJob | null) {
  return job && { projectId: job.project_id, day: job.day, hash: job.hash }
}

/** Resolves all ids; what is missing is committed before the batch's own transaction begins. */
async function prepare(context: DigestContext, digested: readonly DigestedItem[]): Promise<ReadyBatch> {
  const events: { archive: ReadArchive; item: DigestedEvent }[] = []
  const unsupported: { archive: ReadArchive; itemType: string }[] = []
  const rejected: (RejectedItem & { archive: ReadArchive; retryCount: number })[] = []
  for (const { archive, item, retryCount } of digested) {
    if (item.kind === 'event') events.push({ archive, item })
    else if (item.kind === 'rejected') rejected.push({ ...item, archive, retryCount })
    else unsupported.push({ archive, itemType: item.itemType })
  }
  const [dimensions, groupingIds] = await Promise.all([
    context.dimensionIds.resolve(
      events.map(({ archive, item }) => ({ projectId: archive.projectId, event: item.event })),
    ),
    context.groupingIds.resolve(events.map(issueOf)),
  ])
  return {
    unsupported,
    rejected,
    events: events.map(({ archive, item }, at) => ({
      ...item,
      archive,
      groupingId: groupingIds[at] ?? 0,
      dimensions: dimensions[at] ?? { columns: {}, tagIds: [] },
    })),
  }
}

/** The issue an event would begin. */
function issueOf({ archive, item }: { archive: ReadArchive; item: DigestedEvent }): NewIssue {
  const { event, grouping, description } = item
  return {
    project_id: archive.projectId,
    key_hash: `\\x${grouping.hash.toString('hex')}`,
    mechanism: grouping.mechanism,
    key: grouping.key,
    parts: grouping.parts,
    title: description.title,
    culprit: description.culprit,
    type: description.type,
    value: description.value,
    level: LEVELS.indexOf(event.level),
    seen_at: event.occurredAt,
  }
}
