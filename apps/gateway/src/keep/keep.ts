import { isPassing } from '@rumen/db/sql-state'
import type { PublicKey } from '@rumen/protocol/brand'
import type { Logger } from '@rumen/telemetry/logger'
import type { Spool } from '../spool/spool.ts'
import type { SpoolRecord } from '../spool/spool-record.ts'
import type { Breaker } from './breaker.ts'
import { ConnectionBrokenError, ConnectionLostError } from './commit-batch.ts'
import type { Committed, Receipt } from './flush.ts'
import { type GroupCommit, OverloadedError, StuckError } from './group-commit.ts'

/** Where a receipt was when it was answered. */
export type Kept = Committed | 'spooled'

export interface Keep {
  /**
   * Resolves once the receipt is committed, or synced to the spool. `unverifiedKey` is the key of a sender nobody could
   * be asked about: such a receipt goes to the spool alone, and its key is checked when it is drained. Throws NotKeptError
   * when neither can take it, or what the database says against the receipt itself.
   */
  keep(receipt: Receipt, unverifiedKey?: PublicKey | null): Promise<Kept>
}

/** Nothing durable took the receipt: the database is away or refuses, and the spool is full, broken or off. */
export class NotKeptError extends Error {
  constructor(cause: unknown) {
    super('the event could not be stored', { cause })
    this.name = 'NotKeptError'
  }
}

/**
 * The database first, the spool where that fails for a reason that is not the receipt's, or is slow. A receipt may so end
 * in both: draining it finds the archive there, and nothing is counted twice.
 */
export function createKeep({
  groupCommit,
  spool,
  breaker,
  logger,
}: {
  groupCommit: Pick<GroupCommit, 'commit'>
  spool: Pick<Spool, 'append' | 'hasRoom'> | null
  breaker: Breaker
  logger: Logger
}): Keep {
  async function append(record: SpoolRecord, cause: unknown): Promise<'spooled'> {
    if (!spool) throw new NotKeptError(cause)
    try {
      await spool.append(record)
      return 'spooled'
    } catch (error) {
      throw new NotKeptError(error)
    }
  }

  /** A flush that is slow is not waited for where the spool takes the receipt. */
  async function commit(receipt: Receipt): Promise<Kept> {
    const slow = Promise.withResolvers<'slow'>()
    const committing = groupCommit.commit(receipt, spool ? () => slow.resolve('slow') : undefined)
    const first = await Promise.race([committing, slow.promise])
    if (first !== 'slow') return first
    breaker.failed()
    committing.catch((error: unknown) => logger.debug({ err: error }, 'a slow flush failed in the end'))
    return await append({ receipt, publicKey: null }, null).catch(() => committing)
  }

  /** What is known to be away is not tried; unless the spool cannot take it, either. */
  async function appendWhileAway(receipt: Receipt): Promise<Kept | null> {
    if (!spool?.hasRoom() || breaker.mayTry()) return null
    try {
      return await append({ receipt, publicKey: null }, null)
    } catch (error) {
      logger.warn({ err: error }, 'the spool did not take what was meant for it')
      return null
    }
  }

  return {
    async keep(receipt, unverifiedKey = null) {
      if (unverifiedKey !== null) return await append({ receipt, publicKey: unverifiedKey }, null)
      const appended = await appendWhileAway(receipt)
      if (appended) return appended
      try {
        const kept = await commit(receipt)
        if (kept !== 'spooled') breaker.succeeded()
        return kept
      } catch (error) {
        if (!isDatabaseAway(error)) throw error
        breaker.failed()
        return await append({ receipt, publicKey: null }, error)
      }
    },
  }
}

/** For a reason that lies with the database, or with what waits for it, and not with the receipt. */
function isDatabaseAway(error: unknown): boolean {
  return (
    error instanceof ConnectionLostError ||
    error instanceof ConnectionBrokenError ||
    error instanceof StuckError ||
    error instanceof OverloadedError ||
    isPassing(error)
  )
}
