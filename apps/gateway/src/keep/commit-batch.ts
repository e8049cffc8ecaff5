import { hasCode, isVictim, mayConcernOneRow } from '@rumen/db/sql-state'
import type { Logger } from '@rumen/telemetry/logger'
import type { Committed, Flush, Receipt } from './flush.ts'
import type { Lane } from './lane.ts'

/** A receipt and the request that waits for its COMMIT. */
export interface Waiting {
  receipt: Receipt
  resolve: (committed: Committed) => void
  reject: (error: unknown) => void
  /** Its flush takes longer than anybody should wait for; how it ends is told all the same. */
  onSlow: () => void
}

/** No connection to the database. */
export class ConnectionLostError extends Error {
  constructor() {
    super('there is no connection to the database')
    this.name = 'ConnectionLostError'
  }
}

/**
 * The connection broke under a flush, whose end nobody knows. `pg` says so in errors without a code where the server went
 * without a word: that is no fault of what was to be written.
 */
export class ConnectionBrokenError extends Error {
  constructor(cause: unknown) {
    super('the connection to the database broke', { cause })
    this.name = 'ConnectionBrokenError'
  }
}

const RETRIES_MAX = 3

/**
 * Commits the batch and settles everyone who waits for it; never rejects. The victim of a deadlock is tried again. What
 * one row may be to blame for is halved until the receipt at fault stands alone: one bad row fails one request.
 */
export async function commitBatch(
  context: { lane: Lane; flush: Flush; logger: Logger },
  batch: readonly Waiting[],
  retries = 0,
): Promise<void> {
  const { lane, flush, logger } = context
  try {
    if (!lane.client) throw new ConnectionLostError()
    const committed = await flush(
      lane.client,
      batch.map(({ receipt }) => receipt),
    )
    for (const [at, { resolve }] of batch.entries()) resolve(committed[at] ?? 'archived')
  } catch (error) {
    logger.warn({ err: error, rows: batch.length }, 'a flush failed')
    const usable = await lane.rollBack()
    const halve = mayConcernOneRow(error) && batch.length > 1
    if (usable && isVictim(error) && retries < RETRIES_MAX) return await commitBatch(context, batch, retries + 1)
    if (!usable || !halve) {
      const reason =
        usable || hasCode(error) || error instanceof ConnectionLostError ? error : new ConnectionBrokenError(error)
      for (const { reject } of batch) reject(reason)
      return
    }
    const half = Math.ceil(batch.length / 2)
    await commitBatch(context, batch.slice(0, half))
    return await commitBatch(context, batch.slice(half))
  }
}
