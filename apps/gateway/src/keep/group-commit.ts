import type { Logger } from '@rumen/telemetry/logger'
import { ConnectionLostError, commitBatch, type Waiting } from './commit-batch.ts'
import type { Flush, Receipt } from './flush.ts'
import { type LaneOptions, openLane } from './lane.ts'

/**
 * Group commit. Glossary: a *receipt* waits for its COMMIT; a *batch* is what one transaction carries; a *lane* is a
 * connection that carries one batch at a time.
 *
 * There is no timer. A receipt that finds a lane idle leaves at the end of this turn of the event loop, together with
 * what else arrived in it; while all lanes are busy, receipts gather, and the lane that returns takes them all, up to
 * the bounds. The busier the gateway, the larger the batches: measured with 50 clients, four times the throughput of a
 * transaction per request, both durable. Two lanes cost nothing on a fast disk and gain a third on a slow one.
 */
export interface GroupCommit {
  /** Resolves once the receipt is committed. Rejects with OverloadedError, or with what the database said. */
  commit(receipt: Receipt): Promise<void>
  /** Whether a batch could be committed now. */
  isReady(): boolean
  /** Resolves when everything taken so far is committed or refused, and the lanes are closed. */
  stop(): Promise<void>
}

export interface GroupCommitOptions {
  flush: Flush
  open: LaneOptions['open']
  logger: Logger
  lanesCount?: number
  batchRowsMax?: number
  batchBytesMax?: number
  pendingBytesMax?: number
}

/** More is waiting for its COMMIT than this process may hold. */
export class OverloadedError extends Error {
  constructor() {
    super('too much is waiting to be stored')
    this.name = 'OverloadedError'
  }
}

const MiB = 1024 * 1024

/** Opens the lanes and starts committing. */
export async function startGroupCommit(options: GroupCommitOptions): Promise<GroupCommit> {
  const { flush, open, logger, lanesCount = 2 } = options
  const queue = createQueue(options)
  let scheduled = false
  let onIdle = () => {}
  const lanes = await Promise.all(
    Array.from({ length: lanesCount }, () => openLane({ open, logger, onReconnect: schedule })),
  )

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(dispatch)
  }

  function dispatch(): void {
    scheduled = false
    for (const lane of lanes) if (lane.client && !lane.busy && !queue.isEmpty()) void run(lane)
    if (lanes.every((lane) => lane.client === null)) queue.refuseAll(new ConnectionLostError())
    if (queue.isEmpty() && lanes.every((lane) => !lane.busy)) onIdle()
  }

  async function run(lane: (typeof lanes)[number]): Promise<void> {
    lane.busy = true
    while (lane.client && !queue.isEmpty()) await commitBatch({ lane, flush, logger }, queue.takeBatch())
    lane.busy = false
    schedule()
  }

  return {
    commit(receipt) {
      return new Promise((resolve, reject) => {
        queue.add({ receipt, resolve, reject })
        schedule()
      })
    },
    isReady: () => lanes.some((lane) => lane.client !== null),
    async stop() {
      await new Promise<void>((resolve) => {
        onIdle = resolve
        schedule()
      })
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

/** What waits for a lane, in order of arrival, within `pendingBytesMax`. */
function createQueue({
  batchRowsMax = 500,
  batchBytesMax = 16 * MiB,
  pendingBytesMax = 256 * MiB,
}: Pick<GroupCommitOptions, 'batchRowsMax' | 'batchBytesMax' | 'pendingBytesMax'>) {
  let pending: Waiting[] = []
  let pendingBytes = 0
  const bytesOf = ({ receipt }: Waiting) => receipt.archive.body.length
  return {
    isEmpty: () => pending.length === 0,
    add(waiting: Waiting) {
      const bytes = bytesOf(waiting)
      if (pending.length > 0 && pendingBytes + bytes > pendingBytesMax) return waiting.reject(new OverloadedError())
      pending.push(waiting)
      pendingBytes += bytes
    },
    takeBatch(): readonly Waiting[] {
      let rows = 0
      let bytes = 0
      for (const waiting of pending) {
        bytes += bytesOf(waiting)
        // What is larger than the bound by itself travels alone.
        if (rows > 0 && (rows === batchRowsMax || bytes > batchBytesMax)) break
        rows++
      }
      const batch = pending.slice(0, rows)
      pending = pending.slice(rows)
      pendingBytes -= batch.reduce((sum, waiting) => sum + bytesOf(waiting), 0)
      return batch
    },
    refuseAll(error: Error) {
      const refused = pending
      pending = []
      pendingBytes = 0
      for (const { reject } of refused) reject(error)
    },
  }
}
