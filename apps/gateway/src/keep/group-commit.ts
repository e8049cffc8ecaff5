import type { Logger } from '@rumen/telemetry/logger'
import { ConnectionLostError, commitBatch, type Waiting } from './commit-batch.ts'
import type { Committed, Flush, Receipt } from './flush.ts'
import { type Lane, type LaneOptions, openLane } from './lane.ts'

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
  /**
   * Resolves once the receipt is committed. Rejects with OverloadedError, StuckError, or what the database said.
   * `onSlow` is called when its flush takes longer than `slowMs`: the caller may then stop waiting for the end.
   */
  commit(receipt: Receipt, onSlow?: () => void): Promise<Committed>
  /** Whether a batch could be committed now. */
  isReady(): boolean
  /** Whether there is a connection, be it a slow one. */
  isConnected(): boolean
  /** Resolves when there is a connection. */
  ready(): Promise<void>
  /** How long the oldest receipt has been waiting for a lane, in milliseconds. */
  oldestPendingMs(): number
  pendingCount(): number
  /** Resolves when everything taken so far is committed or refused, and the lanes are closed. */
  stop(): Promise<void>
}

/** What a flush took, for those who measure. */
export interface FlushReport {
  rows: number
  bytes: number
  ms: number
}

export interface GroupCommitOptions {
  flush: Flush
  open: LaneOptions['open']
  logger: Logger
  onFlush?: (report: FlushReport) => void
  /** A flush that takes longer is called slow. */
  slowMs?: number
  /** While all lanes are slow, what would wait for one is refused: there is somewhere else to go. */
  refuseWhenStuck?: boolean
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

/** All lanes wait for a database that does not answer. */
export class StuckError extends Error {
  constructor() {
    super('the database does not answer')
    this.name = 'StuckError'
  }
}

const MiB = 1024 * 1024

/** Opens the lanes and starts committing. Until there is a connection, commits are rejected. */
export function startGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { flush, open, logger, onFlush, refuseWhenStuck = false, slowMs = 1_000, lanesCount = 2 } = options
  const queue = createQueue(options)
  let scheduled = false
  let onIdle = () => {}
  let onReady = () => {}
  const ready = new Promise<void>((resolve) => (onReady = resolve))
  const lanes = Array.from({ length: lanesCount }, () => openLane({ open, logger, onReconnect }))

  function onReconnect(): void {
    onReady()
    schedule()
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(dispatch)
  }

  function dispatch(): void {
    scheduled = false
    for (const lane of lanes) if (lane.client && !lane.busy && !queue.isEmpty()) void run(lane)
    if (lanes.every((lane) => lane.client === null)) queue.refuseAll(new ConnectionLostError())
    else if (refuseWhenStuck && lanes.every((lane) => lane.client === null || lane.stuck)) {
      queue.refuseAll(new StuckError())
    }
    if (queue.isEmpty() && lanes.every((lane) => !lane.busy)) onIdle()
  }

  async function run(lane: Lane): Promise<void> {
    lane.busy = true
    while (lane.client && !queue.isEmpty()) await carry(lane, queue.takeBatch())
    lane.busy = false
    schedule()
  }

  async function carry(lane: Lane, { batch, bytes }: Batch): Promise<void> {
    const startMs = performance.now()
    const timer = setTimeout(() => {
      lane.stuck = true
      for (const { onSlow } of batch) onSlow()
      schedule()
    }, slowMs)
    await commitBatch({ lane, flush, logger }, batch)
    clearTimeout(timer)
    lane.stuck = false
    onFlush?.({ rows: batch.length, bytes, ms: performance.now() - startMs })
  }

  return {
    commit(receipt, onSlow = () => {}) {
      return new Promise((resolve, reject) => {
        queue.add({ receipt, resolve, reject, onSlow })
        schedule()
      })
    },
    isReady: () => lanes.some((lane) => lane.client !== null && !lane.stuck),
    isConnected: () => lanes.some((lane) => lane.client !== null),
    ready: () => ready,
    oldestPendingMs: queue.oldestMs,
    pendingCount: queue.count,
    async stop() {
      await new Promise<void>((resolve) => {
        onIdle = resolve
        schedule()
      })
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

interface Batch {
  batch: readonly Waiting[]
  bytes: number
}

/** What waits for a lane, in order of arrival, within `pendingBytesMax`. */
function createQueue({
  batchRowsMax = 500,
  batchBytesMax = 16 * MiB,
  pendingBytesMax = 256 * MiB,
}: Pick<GroupCommitOptions, 'batchRowsMax' | 'batchBytesMax' | 'pendingBytesMax'>) {
  let pending: Waiting[] = []
  let pendingBytes = 0
  /** When the queue was empty, or a batch of it left: what is first in it became so then. */
  let sinceMs = 0
  const bytesOf = ({ receipt }: Waiting) => receipt.archive.body.length
  return {
    isEmpty: () => pending.length === 0,
    count: () => pending.length,
    oldestMs: () => (pending.length === 0 ? 0 : performance.now() - sinceMs),
    add(waiting: Waiting) {
      const bytes = bytesOf(waiting)
      if (pending.length === 0) sinceMs = performance.now()
      if (pending.length > 0 && pendingBytes + bytes > pendingBytesMax) return waiting.reject(new OverloadedError())
      pending.push(waiting)
      pendingBytes += bytes
    },
    takeBatch(): Batch {
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
      const taken = batch.reduce((sum, waiting) => sum + bytesOf(waiting), 0)
      pendingBytes -= taken
      sinceMs = performance.now()
      return { batch, bytes: taken }
    },
    refuseAll(error: Error) {
      const refused = pending
      pending = []
      pendingBytes = 0
      for (const { reject } of refused) reject(error)
    },
  }
}
