import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import { archiveAddress, type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import type { NewIssue } from '@rumen/db/issue/create-issues'
import { LEVELS } from '@rumen/protocol/event'
import { readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob, Consumer } from '@rumen/queue/start-consumer'
import { errorText } from '@rumen/telemetry/error-text'
import { type DigestedEvent, type DigestLimits, digestArchive, type RejectedItem } from './digest-archive.ts'
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
  const addressed = jobs.map((job) => ({ job, address: addressOf(job) }))
  const archives = await readArchives(
    context.db,
    addressed.map(({ address }) => address),
  )
  const digested: DigestedItems = { events: [], unsupported: [], rejected: [] }
  for (const { job, address } of addressed) {
    const archive = archives.get(archiveAddress(address))
    if (archive) sortItems(archive, job.retryCount, context.limits, digested)
    else digested.rejected.push({ ...MISSING, archive: address, retryCount: job.retryCount })
  }
  const batch = await resolveIds(context, digested)
  if (Date.now() > deadline) throw new Error(`a batch of ${jobs.length} took longer than ${BATCH_MS_MAX} ms`)
  await writeBatch(context.db, batch, (tx) => context.consumer.settle(tx, jobs))
}

/**
 * Puts an archive whose digest failed by itself, again and again, on the list of errors and settles its job. The archive
 * stays, to be looked at and digested again.
 */
export async function rejectJob(context: DigestContext, job: ClaimedJob, error: unknown): Promise<void> {
  const rejected = {
    ...MISSING,
    code: 'digest_failed',
    message: errorText(error),
    archive: addressOf(job),
    retryCount: job.retryCount,
  }
  await writeBatch(context.db, { events: [], unsupported: [], rejected: [rejected] }, (tx) =>
    context.consumer.settle(tx, [job]),
  )
}

interface DigestedItems {
  events: { archive: ReadArchive; item: DigestedEvent }[]
  unsupported: ReadyBatch['unsupported'][number][]
  rejected: ReadyBatch['rejected'][number][]
}

/** Its day was dropped, it was erased or its project deleted before anybody got to it. */
const MISSING: RejectedItem = {
  kind: 'rejected',
  itemIndex: null,
  itemType: 'archive',
  eventId: null,
  code: 'archive_missing',
  message: 'there is no archive at this address any more',
}

/** Throws for data no gateway wrote: the job ends among the dead, where somebody will look at it. */
function addressOf(job: ClaimedJob): ArchiveAddress {
  const address = readDigestJob(job.data)
  if (!address) throw new Error(`job ${job.id} holds no archive's address`)
  return { projectId: address.project_id, day: address.day, hash: address.hash }
}

function sortItems(archive: ReadArchive, retryCount: number, limits: DigestLimits, into: DigestedItems): void {
  for (const item of digestArchive(archive, limits)) {
    if (item.kind === 'event') into.events.push({ archive, item })
    else if (item.kind === 'rejected') into.rejected.push({ ...item, archive, retryCount })
    else into.unsupported.push({ archive, itemType: item.itemType })
  }
}

/** What is missing, dimension values and issues, is committed before the batch's own transaction begins. */
async function resolveIds(context: DigestContext, digested: DigestedItems): Promise<ReadyBatch> {
  const { events, unsupported, rejected } = digested
  const [dimensions, groupingIds] = await Promise.all([
    context.dimensionIds.resolve(
      events.map(({ archive, item }) => ({ projectId: archive.projectId, event: item.event })),
    ),
    context.groupingIds.resolve(events.map(issueOf)),
  ])
  const ready = events.map(({ archive, item }, at) => {
    const [groupingId, ids] = [groupingIds[at], dimensions[at]]
    if (groupingId === undefined || ids === undefined) throw new Error('an event was left without its ids')
    return { ...item, archive, groupingId, dimensions: ids }
  })
  return { events: ready, unsupported, rejected }
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
