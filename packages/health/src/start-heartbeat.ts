import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '@rumen/db/connect'
import { beat, type ProcessIdentity, type ProcessState } from '@rumen/db/process/beat'
import { leave } from '@rumen/db/process/leave'
import { takePlace } from '@rumen/db/process/take-place'
import type { Logger } from '@rumen/telemetry/logger'
import { repeat } from '@rumen/telemetry/repeat'
import { createRate } from './rate.ts'

export interface Heartbeat {
  /** Nobody is to miss this process from now on; takes two seconds at most. */
  stop(): Promise<void>
}

/** Of what others are told, the heartbeat finds out the rate by itself. */
export type ToldState = Omit<ProcessState, 'perSecond'>

const BEAT_MS = 5_000
const LEAVE_MS_MAX = 2_000

/**
 * Says every five seconds that this process lives, and how it is. One that is killed, suspended or cut off is silent; nobody
 * has to notice its death. While the database is away nothing is said.
 */
export function startHeartbeat({
  db,
  role,
  version,
  state,
  logger,
}: {
  db: Db
  role: ProcessIdentity['role']
  version: string
  state: () => ToldState
  logger: Logger
}): Heartbeat {
  const identity = { id: randomUUID(), role, host: hostname(), pid: process.pid, version, startedAt: new Date() }
  const rate = createRate()
  let hasPlace = false

  async function beatOnce(): Promise<void> {
    if (!hasPlace) await takePlace(db, identity, isGone)
    hasPlace = true
    const told = state()
    rate.sample(role === 'gateway' ? told.accepted : told.digested)
    await beat(db, identity, { ...told, perSecond: rate.perSecond() })
  }

  const beating = repeat(BEAT_MS, beatOnce, (error) => {
    logger.debug({ err: error }, 'nobody could be told that this process lives')
  })
  return {
    async stop() {
      // A beat under way would come after the farewell.
      const left = beating
        .stop()
        .then(() => leave(db, identity.id))
        .catch((error: unknown) => logger.debug({ err: error }, 'nobody could be told that this process ends'))
      await Promise.race([left, delay(LEAVE_MS_MAX, undefined, { ref: false })])
    },
  }
}

/** Whether a process of this machine has ended. One with our own number has: in a container every first process is 1. */
function isGone(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    // EPERM: somebody else's, and alive.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
