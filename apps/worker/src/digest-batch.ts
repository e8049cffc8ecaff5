import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import { deleteArchives } from '@rumen/db/archive/delete-archives'
import { findUnreadable } from '@rumen/db/archive/find-unreadable'
import { archiveAddress, type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import { forgetAttempts } from '@rumen/db/attempt/forget-attempts'
import type { Db, Tx } from '@rumen/db/connect'
import type { Day } from '@rumen/db/partition/day'
import { oldestDay } from '@rumen/db/partition/oldest-day'
import { hasSqlState, PassingError, SQL_STATE } from '@rumen/db/sql-state'
import {
  readSuppressed,
  type Suppressed,
  type SuppressedReason,
  WHOLE_ARCHIVE,
} from '@rumen/db/suppressed/read-suppressed'
import { type DigestLimits, digestArchive } from '@rumen/digest/digest-archive'
import {
  type CountedItem,
  type ItemDigest,
  type KeptItem,
  type RejectedItem,
  weightOf,
} from '@rumen/digest/item-digest'
import { eachWithinTime, OutOfTimeError } from '@rumen/digest/within-time'
import { readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob, Consumer } from '@rumen/queue/start-consumer'
import type { RememberedIds } from '@rumen/rows/dimension-ids'
import type { KnownConfigs } from '@rumen/rows/grouping-configs'
import { GroupingGoneError, type GroupingIds } from '@rumen/rows/grouping-ids'
import type { ReadyBatch, Source } from '@rumen/rows/ready-batch'
import { type DigestedBatch, resolveBatch } from '@rumen/rows/resolve-batch'
import { errorText } from '@rumen/telemetry/error-text'
import type { Cause } from './digest-claimed.ts'
import { type Written, writeBatch } from './write/write-batch.ts'

export interface DigestContext {
  db: Db
  consumer: Pick<Consumer, 'settle' | 'giveBack'>
  dimensionIds: RememberedIds
  groupingConfigs: KnownConfigs
  groupingIds: GroupingIds
  /** Days sessions can be written to. */
  sessionDays: () => Promise<readonly Day[]>
  limits: DigestLimits
  /** Hears of what was committed, and how many jobs were settled with it. */
  onWritten: (written: Written, jobs: number) => void
}

/** A batch that took this long is not written: its jobs expire after sixty seconds and are somebody else's then. */
const BATCH_MS_MAX = 30_000
/** By `weightOf`: five times a usual batch. An envelope may hold a thousand logs, each an event. */
const WEIGHT_MAX = 20_000
/** A batch of slow archives is written as far as it got, too: there must be time to write it. */
const DIGEST_MS_MAX = 15_000
/** For one archive; a usual one takes a quarter of a millisecond. What takes longer was made to. */
const ARCHIVE_MS_MAX = 5_000

/**
 * Digests the archives of the jobs and settles the jobs, all or nothing, up to a limit: the jobs it gives back were
 * not looked at, and want another call. What is wrong with an item ends in the ledger; it throws only for what concerns the
 * whole batch: the database, jobs that are not this worker's any more, or its only archive, which took too long. Back to the
 * queue go archives that took too long among others, and, for a newer worker, jobs of projects grouped by rules this version
 * does not know.
 */
export async function digestBatch(context: DigestContext, jobs: readonly ClaimedJob[]): Promise<readonly ClaimedJob[]> {
  const deadline = Date.now() + BATCH_MS_MAX
  const digested = await digestArchives(context, jobs)
  const { postponed, late, left } = digested
  const [alone] = jobs.length === 1 ? late.values() : []
  if (alone) throw alone
  const settled = jobs.filter((job) => !postponed.includes(job) && !late.has(job) && !left.has(job))
  const refuseLate = () => {
    if (Date.now() > deadline) throw new PassingError(`a batch took longer than ${BATCH_MS_MAX} ms`)
  }
  const write = async () => {
    // Names of an event may be somebody's who was erased since: they are not to be written when the claim is over.
    refuseLate()
    const batch = await resolveBatch(context, digested)
    refuseLate()
    const written = await writeBatch(context.db, batch, async (tx) => {
      await deleteArchives(tx, digested.ownerless)
      await settle(context, tx, settled)
    })
    context.onWritten(written, settled.length)
  }
  try {
    await write()
  } catch (error) {
    if (!(error instanceof GroupingGoneError)) throw error
    // Nothing was written. What recurs after its issue was deleted is a new issue.
    context.groupingIds.forget()
    await write()
  }
  if (postponed.length > 0) await context.consumer.giveBack(postponed, 'grouping rules this version does not know')
  if (late.size > 0) await context.consumer.giveBack([...late.keys()], 'out of time')
  return [...left]
}

/**
 * Puts an archive whose digest failed by itself, again and again, on the list of errors and settles its job. The archive
 * stays, to be looked at and digested again.
 */
export async function rejectJob(context: DigestContext, job: ClaimedJob, cause: Cause): Promise<void> {
  const archive = addressOf(job)
  const why = (await findUnreadable(context.db, [archive])).get(archiveAddress(archive))
  const item = { ...MISSING, code: cause.code, message: errorText(cause.error) }
  // A project that is being deleted gets no more rows.
  const rejected = why === 'ownerless' ? [] : [{ archive, retryCount: job.retryCount, item }]
  const batch = { events: [], items: [], counted: [], rejected, sessionDays: [] }
  const written = await writeBatch(context.db, batch, (tx) => settle(context, tx, [job]))
  context.onWritten(written, 1)
}

/** Whether an archive that failed by itself was kept longer than the reports of its day: what they were stored in is gone. */
export async function isExpired({ db }: DigestContext, job: ClaimedJob, error: unknown): Promise<boolean> {
  // PostgreSQL says so of a row for which there is no partition.
  if (!hasSqlState(error, SQL_STATE.checkViolation)) return false
  const oldest = await oldestDay(db, ['report'])
  return oldest !== null && addressOf(job).day < oldest
}

/** Only jobs that were handed out before can have attempts: usually that is no statement. */
async function settle({ consumer }: DigestContext, tx: Tx, jobs: readonly ClaimedJob[]): Promise<void> {
  await forgetAttempts(tx, jobs.filter(({ retryCount }) => retryCount > 0).map(addressOf))
  await consumer.settle(tx, jobs)
}

interface Digested extends DigestedBatch {
  kept: { archive: Source; item: KeptItem }[]
  counted: ReadyBatch['counted'][number][]
  rejected: ReadyBatch['rejected'][number][]
  postponed: ClaimedJob[]
  /** Interrupted. A machine with too much to do may be why, and so they are tried again, by themselves. */
  late: Map<ClaimedJob, OutOfTimeError>
  /** Not read. */
  left: Set<ClaimedJob>
  /** Of projects that are being deleted, or are gone: nothing is written for them, and what was kept goes. */
  ownerless: ArchiveAddress[]
}

/** Its day was dropped before anybody got to it. */
const MISSING: RejectedItem = {
  kind: 'rejected',
  itemIndex: null,
  itemType: 'archive',
  eventId: null,
  code: 'archive_missing',
  message: 'there is no archive at this address any more',
  quantity: 1,
}

async function digestArchives(context: DigestContext, jobs: readonly ClaimedJob[]): Promise<Digested> {
  const waiting = new Map(jobs.map((job) => [archiveAddress(addressOf(job)), job]))
  const into: Digested = {
    ...{ kept: [], counted: [], rejected: [], ownerless: [] },
    ...{ postponed: [], late: new Map(), left: new Set() },
  }
  const enough = Date.now() + DIGEST_MS_MAX
  let [weight, looked] = [0, 0]
  // However long the reading took: a batch that gets nowhere would come again, and get nowhere again.
  const isFull = () => looked > 0 && (weight >= WEIGHT_MAX || Date.now() > enough)
  for await (const archives of readArchives(context.db, jobs.map(addressOf))) {
    context.dimensionIds.heedErasures(archives)
    await context.groupingConfigs.learn(archives)
    const suppressed = await readSuppressed(
      context.db,
      archives.filter(({ hasSuppressed }) => hasSuppressed),
    )
    const digests = eachWithinTime(ARCHIVE_MS_MAX, archives, (archive) => {
      if (isFull()) return 'left'
      const digest = digestOne(archive, context)
      looked++
      if (Array.isArray(digest)) for (const item of digest) weight += weightOf(item)
      return digest
    })
    for (const [at, archive] of archives.entries()) {
      const job = waiting.get(archiveAddress(archive))
      const digest = digests[at]
      if (job === undefined || digest === undefined || digest === 'left') continue
      waiting.delete(archiveAddress(archive))
      addDigest(into, { archive, job, digest, suppressed })
    }
    if (isFull()) return { ...into, left: new Set(waiting.values()) }
  }
  await addUnreadable(context, into, [...waiting.values()])
  return into
}

/** What happened to archives nobody can read any more. Usually there are none, and that is no statement. */
async function addUnreadable({ db }: DigestContext, into: Digested, jobs: readonly ClaimedJob[]): Promise<void> {
  if (jobs.length === 0) return
  const found = await findUnreadable(db, jobs.map(addressOf))
  for (const job of jobs) {
    const archive = addressOf(job)
    const why = found.get(archiveAddress(archive))
    if (why === 'ownerless') into.ownerless.push(archive)
    else if (why === 'erased') into.counted.push({ archive, item: filtered('archive', 'person_erased', 1) })
    else into.rejected.push({ archive, retryCount: job.retryCount, item: MISSING })
  }
}

/** An item, or all there was of an archive, that must not come back. */
function filtered(itemType: string, reason: SuppressedReason, quantity: number): CountedItem {
  return { kind: 'counted', itemType, outcome: 'filtered', reason, quantity }
}

/** `postponed`: by rules this version does not know. `left`: there is no room for it in this batch. */
type Digest = readonly ItemDigest[] | 'postponed' | 'left' | OutOfTimeError

function digestOne(archive: ReadArchive, { groupingConfigs, limits }: DigestContext): Digest {
  const configs = groupingConfigs.of(archive)
  return configs ? digestArchive(archive, configs, limits) : 'postponed'
}

function addDigest(
  into: Digested,
  {
    archive,
    job,
    digest,
    suppressed,
  }: { archive: ReadArchive; job: ClaimedJob; digest: Exclude<Digest, 'left'>; suppressed: Suppressed },
): void {
  const { projectId, day, hash, receivedAt } = archive
  const source = { projectId, day, hash, receivedAt }
  const { retryCount } = job
  if (digest === 'postponed') {
    into.postponed.push(job)
  } else if (digest instanceof OutOfTimeError) {
    into.late.set(job, digest)
  } else {
    for (const item of digest) {
      const reason = suppressed.reasonOf(
        source,
        item.kind === 'counted' ? WHOLE_ARCHIVE : (item.itemIndex ?? WHOLE_ARCHIVE),
      )
      addItem(into, {
        source,
        item: reason === null ? item : filtered(item.itemType, reason, quantityOf(item)),
        retryCount,
      })
    }
  }
}

function quantityOf(item: ItemDigest): number {
  return item.kind === 'counted' || item.kind === 'rejected' ? item.quantity : 1
}

/** Throws for data no gateway wrote: the job ends among the dead, where somebody will look at it. */
function addressOf(job: ClaimedJob): ArchiveAddress {
  const address = readDigestJob(job.data)
  if (!address) throw new Error(`job ${job.id} holds no archive's address`)
  return { projectId: address.project_id, day: address.day, hash: address.hash }
}

function addItem(
  into: Digested,
  { source, item, retryCount }: { source: Source; item: ItemDigest; retryCount: number },
): void {
  if (item.kind === 'rejected') into.rejected.push({ archive: source, retryCount, item })
  else if (item.kind === 'counted') into.counted.push({ archive: source, item })
  else into.kept.push({ archive: source, item })
}
