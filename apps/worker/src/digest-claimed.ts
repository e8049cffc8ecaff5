import { isPassing, mayConcernOneRow, PassingError } from '@rumen/db/sql-state'
import { OutOfTimeError } from '@rumen/digest/within-time'
import { type ClaimedJob, ClaimLostError, type Consumer } from '@rumen/queue/start-consumer'
import { errorText } from '@rumen/telemetry/error-text'
import type { Logger } from '@rumen/telemetry/logger'
import type { Attempts } from './attempts.ts'

export interface DigestOptions {
  consumer: Pick<Consumer, 'giveBack' | 'release'>
  /**
   * Digests and settles the jobs, all or nothing, and forgets the attempts of those that had a retry behind them. Gives
   * the jobs that were too many for one batch: they were not looked at.
   */
  digest: (jobs: readonly ClaimedJob[]) => Promise<readonly ClaimedJob[]>
  /** Records that a job cannot be digested, settles it and forgets its attempts. */
  reject: (job: ClaimedJob, cause: Cause) => Promise<void>
  /** Whether the job failed because what would be made of it has its time behind it. */
  isExpired: (job: ClaimedJob, error: unknown) => Promise<boolean>
  attempts: Attempts
  logger: Logger
}

/** Why a job is given up; the code stands in the ledger. */
export interface Cause {
  code: 'digest_failed' | 'digest_crashed' | 'out_of_time' | 'expired'
  error: unknown
}

/** What a worker has in its hands. */
export interface Hand {
  /** Claimed, and neither settled nor given back. */
  held: Set<ClaimedJob>
  /** Of those, what is being digested right now. */
  tried: readonly ClaimedJob[]
  /** Whose attempt is recorded and has not turned out to be their fault. */
  attempted: Set<ClaimedJob>
}

/** Times a job is digested by itself, ending in an error or in nothing at all, before it is recorded as an error. */
const ATTEMPTS_MAX = 3
/** Claims lapse after sixty seconds. What was not begun by then is left to whoever comes next. */
const BEGIN_MS_MAX = 30_000

/**
 * Digests what was claimed. Jobs with a retry behind them are suspects: whoever held them before is gone, and one of
 * them may be why. They go by themselves, and it is written down before: an event that kills the process takes along
 * those it was claimed with, once as part of a batch and once as a suspect like them; from then on it is known, and its
 * turn comes when nobody else is held.
 */
export async function digestClaimed(options: DigestOptions, hand: Hand, stopping: AbortSignal): Promise<void> {
  const deadline = Date.now() + BEGIN_MS_MAX
  const [fresh, suspects] = split([...hand.held], ({ retryCount }) => retryCount === 0)
  const counts = suspects.length > 0 ? await options.attempts.read(suspects) : NONE
  const countOf = (job: ClaimedJob) => counts.get(job) ?? 0
  const [untried, known] = split(suspects, (job) => countOf(job) === 0)

  const isOver = () => stopping.aborted || Date.now() > deadline
  const turn = { ...options, isOver }
  const digestEach = async (jobs: readonly ClaimedJob[]) => {
    for (const job of jobs) {
      if (isOver()) return
      await digestAlone(turn, hand, { job, before: countOf(job) })
    }
  }
  // Whoever suffered most goes first: nobody is held up, time and again, by killers that came after it.
  await digestEach(untried.toSorted((a, b) => b.retryCount - a.retryCount))
  if (fresh.length > 0 && !isOver()) await digestHalving(turn, hand, fresh)
  await digestEach(known.toSorted((a, b) => countOf(a) - countOf(b)))
  await letGo(options, hand, 'not begun in time')
}

/** One round of a worker, with what it is done with. */
interface Turn extends DigestOptions {
  /** Nothing more is to be begun. */
  isOver: () => boolean
}

const NONE: ReadonlyMap<ClaimedJob, number> = new Map()

/**
 * Gives back what is still held: what was being digested for a later try, everything else at once and without a try
 * being counted. For what a database that went away left in hand, too, once it is back.
 */
export async function letGo({ consumer, attempts }: DigestOptions, hand: Hand, reason: string): Promise<void> {
  if (hand.attempted.size > 0) await attempts.withdraw([...hand.attempted])
  hand.attempted.clear()
  const tried = hand.tried.filter((job) => hand.held.has(job))
  if (tried.length > 0) await giveBack(consumer, hand, tried, reason)
  if (hand.held.size > 0) await consumer.release([...hand.held])
  hand.held.clear()
}

/** A suspect by itself; `before` is how often that was tried already. */
async function digestAlone(
  options: Turn,
  hand: Hand,
  { job, before }: { job: ClaimedJob; before: number },
): Promise<void> {
  if (before >= ATTEMPTS_MAX) {
    const error = new Error(`the worker was gone before its digest came to an end, ${before} times`)
    return await rejectOne(options, hand, job, { code: 'digest_crashed', error })
  }
  const attempts = await options.attempts.record(job)
  hand.attempted.add(job)
  const failure = await tryDigest(options, hand, [job])
  if (failure) await answerFor(options, hand, failure, attempts)
}

/** A batch that fails for what one of its jobs may be to blame for is halved until that one stands alone. */
async function digestHalving(options: Turn, hand: Hand, jobs: readonly ClaimedJob[]): Promise<void> {
  const failure = await tryDigest(options, hand, jobs)
  if (!failure) return
  const { error, jobs: failed } = failure
  if (failed.length > 1 && mayConcernOneRow(error)) {
    options.logger.warn({ err: error, jobs: failed.length }, 'a batch failed and is halved')
    const half = Math.ceil(failed.length / 2)
    for (const part of [failed.slice(0, half), failed.slice(half)]) {
      // Counted as a try: as suspects they come one by one, and a batch that takes so long is not tried as a whole again.
      if (options.isOver()) await giveBack(options.consumer, hand, part, errorText(error))
      else await digestHalving(options, hand, part)
    }
  } else {
    await answerFor(options, hand, failure, null)
  }
}

/** Jobs whose digest failed together. */
interface Failure {
  jobs: readonly ClaimedJob[]
  error: unknown
}

/**
 * Digests the jobs until none is left over, or the turn is: then what is left stays in hand. Null: nothing of them failed.
 */
async function tryDigest(
  { digest, logger, isOver }: Turn,
  hand: Hand,
  jobs: readonly ClaimedJob[],
): Promise<Failure | null> {
  let left = new Set(jobs)
  while (left.size > 0) {
    const tried = [...left]
    hand.tried = tried
    try {
      left = new Set(await digest(tried))
      if (left.size === tried.length) throw new PassingError(`of ${left.size} jobs not one was digested`)
    } catch (error) {
      if (!(error instanceof ClaimLostError)) return { jobs: tried, error }
      // Others have some of them. The rest come back when their claim expires; nothing was written.
      logger.warn({ err: error }, 'a batch was given up')
      left = new Set()
    }
    hand.tried = []
    for (const job of tried) if (!left.has(job)) hand.held.delete(job)
    if (isOver()) return null
  }
  return null
}

/** What failed is tried again later; `attempts` says how often its one job was tried alone, null that this was the first. */
async function answerFor(
  options: DigestOptions,
  hand: Hand,
  { jobs, error }: Failure,
  attempts: number | null,
): Promise<void> {
  const [job] = jobs
  if (job !== undefined && jobs.length === 1 && (await options.isExpired(job, error))) {
    await rejectOne(options, hand, job, {
      code: 'expired',
      error: new Error('reports of its day are not kept any more'),
    })
  } else if (isPassing(error) || job === undefined) await putOff(options, hand, jobs, error)
  else await blame(options, hand, { job, error, attempts: attempts ?? (await options.attempts.record(job)) })
}

/** The database is at fault, and will be better: that is nobody's failed attempt. */
async function putOff(options: DigestOptions, hand: Hand, jobs: readonly ClaimedJob[], error: unknown): Promise<void> {
  options.logger.error({ err: error, jobs: jobs.length }, 'a batch is put off')
  await giveBack(options.consumer, hand, jobs, errorText(error))
}

/** A job that failed alone is tried again, in case the fault was ours and passes; the third time it is recorded. */
async function blame(
  options: DigestOptions,
  hand: Hand,
  { job, attempts, error }: { job: ClaimedJob; attempts: number; error: unknown },
): Promise<void> {
  options.logger.error({ err: error, job: job.id, attempts }, 'a job failed')
  hand.attempted.delete(job)
  const code = error instanceof OutOfTimeError ? 'out_of_time' : 'digest_failed'
  if (attempts >= ATTEMPTS_MAX) await rejectOne(options, hand, job, { code, error })
  else await giveBack(options.consumer, hand, [job], errorText(error))
}

async function rejectOne(options: DigestOptions, hand: Hand, job: ClaimedJob, cause: Cause): Promise<void> {
  const { consumer, reject, logger } = options
  hand.tried = [job]
  try {
    await reject(job, cause)
    hand.held.delete(job)
  } catch (failure) {
    logger.error({ err: failure, job: job.id }, 'a failed job could not be recorded')
    await giveBack(consumer, hand, [job], errorText(cause.error))
  }
}

async function giveBack(
  consumer: DigestOptions['consumer'],
  hand: Hand,
  jobs: readonly ClaimedJob[],
  reason: string,
): Promise<void> {
  await consumer.giveBack(jobs, reason)
  for (const job of jobs) hand.held.delete(job)
}

function split<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}
