import type { Queue } from 'pg-boss'
import * as v from 'valibot'

/** What has to be done now and then, by one worker. */
export const UPKEEP_QUEUE = 'upkeep'

/** When what is done, in UTC; what came due while nobody was there is made up for once. */
export const RHYTHMS = { often: '*/5 * * * *', hourly: '7 * * * *', daily: '23 0 * * *' } as const
export type Rhythm = keyof typeof RHYTHMS

/**
 * `exclusive`: of each rhythm, which is the job's key, one job waits or is worked on, however many workers there are. A
 * worker that dies is known by its heartbeat, and its job goes to another; what makes five of them die waits for its next time.
 */
export const UPKEEP_QUEUE_OPTIONS = {
  policy: 'exclusive',
  heartbeatSeconds: 30,
  expireInSeconds: 20 * 60 * 60,
  retryLimit: 5,
  retryDelay: 0,
  deleteAfterSeconds: 24 * 60 * 60,
} as const satisfies Omit<Queue, 'name'>

const upkeepJob = v.object({ rhythm: v.picklist(['often', 'hourly', 'daily']) })

/** Null for data no worker of ours wrote. */
export function readRhythm(data: unknown): Rhythm | null {
  const result = v.safeParse(upkeepJob, data)
  return result.success ? result.output.rhythm : null
}
