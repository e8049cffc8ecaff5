import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import { archiveAddress, type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import type { NewIssue } from '@rumen/db/issue/create-issues'
import { LEVELS } from '@rumen/protocol/event'
import { readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob, Consumer } from '@rumen/queue/start-consumer'
import { errorText } from '@rumen/telemetry/error-text'
import { type DigestedEvent, type DigestLimits, digestArchive, type RejectedItem, readRules } from './digest-archive.ts'
import type { DimensionIds } from './dimension-ids.ts'
import type { GroupingIds } from './grouping-ids.ts'
import { type ReadyBatch, writeBatch } from './write-batch.ts'

export interface DigestContext {
  db: Db
  consumer: Pick<Consumer, 'settle' | 'giveBack'>
  dimensionIds: DimensionIds
  groupingIds: GroupingIds
  limits: DigestLimits
}

/** A batch that took this long is not written: its jobs expire after sixty seconds and are somebody else's then. */
const BATCH_MS_MAX = 30_000

/**
 * Digests the archives of the jobs and settles the jobs, all or nothing. What is wrong with an item ends in the ledger;
 * it throws only for what concerns the whole batch: the database, or jobs that are not this worker's any more. Jobs of
 * projects grouped by rules this version does not know are given back, for a newer worker.
 */
export async function digestBatch(context: DigestContext, jobs: readonly ClaimedJob[]): Promise<void> {
  const deadline = Date.now() + BATCH_MS_MAX
  const waiting = new Map(jobs.map((job) => [archiveAddress(addressOf(job)), job]))
  const digested: DigestedItems = { events: [], unsupported: [], rejected: [], postponed: [] }
  for await (const archives of readArchives(context.db, jobs.map(addressOf))) {
    for (const archive of archives) {
      const job = waiting.get(archiveAddress(archive))
      waiting.delete(archiveAddress(archive))
      if (job) digestInto(digested, archive, job, context.limits)
    }
  }
  for (const job of waiting.values()) {
    digested.rejected.push({ ...MISSING, archive: addressOf(job), retryCount: job.retryCount })
  }
  const batch = await resolveIds(context, digested)
  if (Date.now() > deadline) throw new Error(`a batch of ${jobs.length} took longer than ${BATCH_MS_MAX} ms`)
  const { postponed } = digested
  const settled = jobs.filter((job) => !postponed.includes(job))
  await writeBatch(context.db, batch, (tx) => context.consumer.settle(tx, settled))
  if (postponed.length > 0) await context.consumer.giveBack(postponed, 'grouping rules this version does not know')
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
  events: { archive: ReadyBatch['events'][number]['archive']; item: DigestedEvent }[]
  postponed: ClaimedJob[]
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

function digestInto(into: DigestedItems, archive: ReadArchive, job: ClaimedJob, limits: DigestLimits): void {
  const rules = readRules(archive)
  if (!rules) {
    into.postponed.push(job)
    return
  }
  // Of the archive only its address goes on: the body is as large as all that came of it together.
  const address = { projectId: archive.projectId, day: archive.day, hash: archive.hash, receivedAt: archive.receivedAt }
  for (const item of digestArchive(archive, rules, limits)) {
    if (item.kind === 'event') into.events.push({ archive: address, item })
    else if (item.kind === 'rejected') into.rejected.push({ ...item, archive: address, retryCount: job.retryCount })
    else into.unsupported.push({ archive: address, itemType: item.itemType })
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
function issueOf({ archive, item }: DigestedItems['events'][number]): NewIssue {
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
