import { findReceived } from '@rumen/db/archive/find-received'
import { createDay } from '@rumen/db/partition/create-days'
import { findGone } from '@rumen/db/project/find-gone'
import type { Logger } from '@rumen/telemetry/logger'
import type { KeyCache } from './admit/key-cache.ts'
import { type Breaker, createBreaker } from './keep/breaker.ts'
import { createCommitDrained } from './keep/commit-drained.ts'
import { createFlush } from './keep/flush.ts'
import { type FlushReport, type GroupCommit, startGroupCommit } from './keep/group-commit.ts'
import { createKeep, type Keep } from './keep/keep.ts'
import { createWakeUp } from './keep/wake-workers.ts'
import type { GatewayDatabase } from './open-database.ts'
import type { Spooling } from './spool/start-spooling.ts'
import type { Watching } from './start-watching.ts'

export interface Keeping extends Keep {
  breaker: Breaker
  groupCommit: GroupCommit
  /** Whether a request could be kept now, in the database or in the spool. */
  canKeep(): boolean
}

/** Group commit, breaker and, where there is one, the drain of the spool. */
export async function startKeeping({
  database,
  spooling,
  keys,
  watching,
  logger,
}: {
  database: GatewayDatabase
  spooling: Spooling | null
  keys: KeyCache
  watching: Pick<Watching, 'onFlush' | 'witness'>
  logger: Logger
}): Promise<Keeping> {
  const breaker = createBreaker()
  const flush = createFlush(database.sender)
  const wakeWorkers = createWakeUp(database, logger)
  const onFlush = (report: FlushReport) => {
    wakeWorkers()
    watching.onFlush(report)
  }
  const groupCommit = startGroupCommit({
    flush,
    open: database.openFlushClient,
    logger,
    onFlush,
    refuseWhenStuck: spooling !== null,
  })
  const { keep } = createKeep({ groupCommit, spool: spooling, breaker, logger })
  spooling?.drain({
    commit: createCommitDrained({
      groupCommit,
      breaker,
      createDay: (day) => createDay(database.sql, day),
      findReceived: (addresses) => findReceived(database.db, addresses),
      logger,
    }),
    async verify(publicKey, projectId) {
      const { owners, answer } = await keys.find(publicKey)
      if (owners === null || answer === 'stale') throw new Error('the database cannot be asked about a key')
      return owners.find((owner) => owner.projectId === projectId) ?? null
    },
    findGone: (projectIds) => findGone(database.db, projectIds),
    onDrained: watching.witness.drained,
  })
  // Without a spool there is nothing to take events with until then.
  if (!spooling) await groupCommit.ready()
  const canKeep = () => (spooling ? groupCommit.isReady() || spooling.hasRoom() : groupCommit.isConnected())
  return { keep, breaker, groupCommit, canKeep }
}
