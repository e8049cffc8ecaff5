import type { ProjectId } from '@rumen/protocol/brand'
import type { Queue } from 'pg-boss'
import * as v from 'valibot'

/** Archives that wait to be digested. */
export const DIGEST_QUEUE = 'digest'
/** Those beyond their project's fair rate: digested when the first queue leaves room, and always a little. */
export const EXCESS_QUEUE = 'digest-excess'
/** In the order workers fill a batch from them. */
export const DIGEST_QUEUES = [DIGEST_QUEUE, EXCESS_QUEUE] as const
export type DigestQueue = (typeof DIGEST_QUEUES)[number]
/** Where a job ends that failed too often; its archive stays. */
export const DEAD_QUEUE = 'digest-dead'

/** Workers listen here; a gateway notifies after a commit, never inside it: that would serialise the commits. */
export const WAKE_UP_CHANNEL = 'rumen_digest'

const DAY_SECONDS = 24 * 60 * 60

/**
 * The options are part of the contract (design §6). What they guard against:
 * pg-boss drops work that waited longer than `retentionSeconds`, two weeks by default: ten years is never.
 * A worker that dies holds its jobs until they expire. What fails is tried twelve times over about forty minutes; a
 * database that is away costs no try, because nothing can be claimed from it.
 */
export const DIGEST_QUEUE_OPTIONS = {
  policy: 'standard',
  partition: true,
  notify: false,
  expireInSeconds: 60,
  retryLimit: 12,
  retryBackoff: true,
  retryDelay: 1,
  retryDelayMax: 600,
  retentionSeconds: 3650 * DAY_SECONDS,
  deadLetter: DEAD_QUEUE,
} as const satisfies Omit<Queue, 'name'>

export const DEAD_QUEUE_OPTIONS = {
  policy: 'standard',
  retentionSeconds: 3650 * DAY_SECONDS,
} as const satisfies Omit<Queue, 'name'>

/** The address of one archive: all a worker needs to know. */
const digestJob = v.object({
  project_id: v.pipe(
    v.string(),
    v.regex(/^\d+$/),
    v.transform((id) => id as ProjectId),
  ),
  day: v.pipe(v.string(), v.isoDate()),
  /** SHA-256, 64 hexadecimal characters. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The step of a trace that made it (W3C Trace Context), where traces are recorded. */
  traceparent: v.optional(v.string()),
})

export type DigestJob = v.InferOutput<typeof digestJob>

/** Null for data no gateway of ours could have written. */
export function readDigestJob(data: unknown): DigestJob | null {
  const result = v.safeParse(digestJob, data)
  return result.success ? result.output : null
}
