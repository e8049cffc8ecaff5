import type { KeyOwner } from '@rumen/db/project/find-key'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import type { Logger } from '@rumen/telemetry/logger'
import type { Committed, Receipt } from '../keep/flush.ts'
import type { SpoolBatch } from './segment-reader.ts'
import type { Spool } from './spool.ts'
import type { SpoolRecord } from './spool-record.ts'

/** How a record left the spool. `unknown_key` is dropped, also for a project deleted since, `refused` is kept aside. */
export type DrainOutcome = Committed | 'refused' | 'unknown_key'

export interface DrainedRecord {
  record: SpoolRecord
  outcome: DrainOutcome
}

export interface DrainOptions {
  spool: Pick<Spool, 'next'>
  /**
   * Commits receipts the normal way and says of each, in order, how that ended; `refused` is what the database will not
   * have for a reason that lies with the receipt itself. Rejects when it cannot take any now.
   */
  commit: (receipts: readonly Receipt[]) => Promise<readonly (Committed | 'refused')[]>
  /** Whose key it is in that project, null when nobody's. Rejects when the database cannot be asked. */
  verify: (publicKey: PublicKey, projectId: ProjectId) => Promise<KeyOwner | null>
  /** Those of the projects that are being deleted, or are gone. Rejects when the database cannot be asked. */
  findGone: (projectIds: readonly ProjectId[]) => Promise<ReadonlySet<ProjectId>>
  /** For the ledger: once for each batch, when it is settled. */
  onDrained: (drained: readonly DrainedRecord[]) => void
  logger: Logger
}

/** Brings what is in the spool into the database, oldest first, one batch at a time. */
export interface Drain {
  /** There may be something to drain. Does not shorten the pause after a failure. */
  wake(): void
  /** Nothing is being drained, and as far as anybody said there is nothing to drain. */
  isIdle(): boolean
  /** Resolves when the batch in hand is settled, one way or the other. What is left waits for the next process. */
  stop(): Promise<void>
}

const PAUSE_MS = 100
const PAUSE_MS_MAX = 2_000

/** Starts draining at once. Never throws: a database that is away is tried again until it takes the batch. */
export function startDrain(options: DrainOptions): Drain {
  const { spool, logger } = options
  const pause = createPause()
  let running: Promise<void> | null = null
  let isWanted = false
  let isStopped = false

  async function run(): Promise<void> {
    let failures = 0
    while (isWanted && !isStopped) {
      isWanted = false
      try {
        for (let batch = await spool.next(); batch && !isStopped; batch = await spool.next()) {
          await settle(batch, options)
          failures = 0
        }
      } catch (error) {
        isWanted = true
        failures++
        // A database that is away for an hour is one line, and the rest for those who look closer.
        logger[failures === 1 ? 'warn' : 'debug']({ err: error, failures }, 'the spool could not be drained')
        await pause.wait(Math.min(PAUSE_MS * 2 ** (failures - 1), PAUSE_MS_MAX))
      }
    }
    running = null
  }

  function wake(): void {
    isWanted = true
    if (!isStopped) running ??= run()
  }

  wake()
  return {
    wake,
    isIdle: () => running === null,
    async stop() {
      isStopped = true
      pause.end()
      await running
    },
  }
}

/** Drains one batch; throws, with nothing confirmed, when the database cannot be asked or does not take it. */
async function settle(batch: SpoolBatch, options: DrainOptions): Promise<void> {
  const { commit, onDrained } = options
  const receipts = await check(batch.records, options)
  const known = receipts.filter((receipt) => receipt !== null)
  const committed = known.length === 0 ? [] : await commit(known)
  if (committed.length !== known.length) throw new Error(`${known.length} receipts, but ${committed.length} outcomes`)
  const inOrder = committed.values()
  const drained = batch.records.map((record, at) => {
    const outcome: DrainOutcome = receipts[at] ? (inOrder.next().value ?? 'refused') : 'unknown_key'
    return { record, outcome }
  })
  await batch.confirm(drained.filter(({ outcome }) => outcome === 'refused').map(({ record }) => record))
  onDrained(drained)
}

/** What is to be committed of each record; null where its key turns out to be nobody's, or its project is deleted. */
async function check(
  records: readonly SpoolRecord[],
  { verify, findGone }: Pick<DrainOptions, 'verify' | 'findGone'>,
): Promise<readonly (Receipt | null)[]> {
  const gone = await findGone([...new Set(records.map(({ receipt }) => receipt.archive.projectId))])
  const owners = new Map<string, KeyOwner | null>()
  const receipts: (Receipt | null)[] = []
  for (const { receipt, publicKey } of records) {
    if (gone.has(receipt.archive.projectId)) {
      receipts.push(null)
      continue
    }
    if (publicKey === null) {
      receipts.push(receipt)
      continue
    }
    const { projectId } = receipt.archive
    const place = `${publicKey}/${projectId}`
    // One after the other: made-up keys must not take the connections that look up those of living requests.
    if (!owners.has(place)) owners.set(place, await verify(publicKey, projectId))
    const owner = owners.get(place)
    receipts.push(owner ? { ...receipt, priority: owner.priority } : null)
  }
  return receipts
}

/** A wait that can be ended, and keeps no process alive. */
function createPause(): { wait(ms: number): Promise<void>; end(): void } {
  let end = () => {}
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms).unref()
        end = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    end: () => end(),
  }
}
