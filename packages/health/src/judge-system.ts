import { type Check, unknown } from './check.ts'
import { judgeCanary } from './judge-canary.ts'
import { judgeProcesses } from './judge-processes.ts'
import { judgeDeadLetters, judgeQueue } from './judge-queue.ts'
import { judgeSpools } from './judge-spool.ts'
import { judgeDisk, judgePartitions } from './judge-storage.ts'
import type { Observation } from './observation.ts'

/** In the order somebody looks for a cause. */
export const SYSTEM_CHECKS = [
  'workers',
  'gateways',
  'queue',
  'dead_letters',
  'canary',
  'spool',
  'partitions',
  'disk',
] as const
export type SystemCheck = (typeof SYSTEM_CHECKS)[number]
export type SystemChecks = Readonly<Record<SystemCheck, Check>>

export interface Circumstances {
  /** CANARY_INTERVAL_SECS. */
  canaryIntervalSeconds: number
  /** Since the database has been within reach without a break. */
  settledSeconds: number
  now: Date
}

/** The one place that says what is well and what is not, for gateways, workers and `rumen status` alike. */
export function judgeSystem(
  { recent, daysAhead, disk }: Observation,
  { canaryIntervalSeconds, settledSeconds, now }: Circumstances,
): SystemChecks {
  return {
    workers: recent ? judgeProcesses('worker', recent, settledSeconds) : unknown('what workers are running'),
    gateways: recent ? judgeProcesses('gateway', recent, settledSeconds) : unknown('what gateways are running'),
    queue: recent ? judgeQueue(recent.queue, recent.processes) : unknown('the queue'),
    dead_letters: recent ? judgeDeadLetters(recent.queue) : unknown('what was given up'),
    canary: recent ? judgeCanary(recent.canary, canaryIntervalSeconds) : unknown('the canary'),
    spool: recent ? judgeSpools(recent.processes) : unknown('the spools'),
    partitions: judgePartitions(daysAhead, disk?.largeDrop ?? null),
    disk: disk ? judgeDisk(disk, now) : unknown('the disk'),
  }
}
