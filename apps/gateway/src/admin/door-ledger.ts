import type { Db } from '@rumen/db/connect'
import { addHours, type HourCount } from '@rumen/db/outcome/add-hours'
import { wasCommitted } from '@rumen/db/outcome/was-committed'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Logger } from '@rumen/telemetry/logger'
import type { DoorOutcome } from './door-outcome.ts'

export interface DoorCount extends DoorOutcome {
  /** Null unless a key was shown that opens the project: strangers make no rows for projects. */
  projectId: ProjectId | null
  /** When the request came in, where that was not now; milliseconds since 1970. */
  receivedAtMs?: number
}

/** The door's side of the ledger: what became of the requests, by project and hour. */
export interface DoorLedger {
  count(what: DoorCount, quantity?: number): void
  /** Adds what was counted to `outcome_hour`. Never rejects: what could not be written is kept for the next time. */
  flush(): Promise<void>
  /** Flushes for the last time, within two seconds: what the database does not take by then is lost, and logged. */
  stop(): Promise<void>
}

const HOUR_MS = 60 * 60 * 1000
const STOP_MS_MAX = 2_000
/** Counts in memory; beyond, projects are counted together under 0. Each takes some 300 bytes. */
const COUNTS_MAX = 20_000
const NO_PROJECT = '0'

/** Counts that were sent in a transaction whose COMMIT nobody answered. */
interface Undecided {
  transaction: string
  counts: readonly HourCount[]
}

/**
 * Counts in memory and writes every `flushIntervalMs`; a kill costs one interval. The counts of a COMMIT that was never
 * answered are held back until the server says what became of it: they are neither lost nor added twice.
 */
export function createDoorLedger({
  db,
  logger,
  flushIntervalMs,
  countsMax = COUNTS_MAX,
  now = Date.now,
}: {
  db: Db
  logger: Logger
  flushIntervalMs: number
  countsMax?: number
  now?: () => number
}): DoorLedger {
  const counted = createCounts(countsMax)
  let undecided: Undecided | null = null
  let flushing: Promise<void> | null = null

  /** Whether the fate of what was sent last is known by now. */
  async function decide(): Promise<boolean> {
    if (!undecided) return true
    const committed = await wasCommitted(db, undecided.transaction)
    if (committed === null) return false
    if (!committed) counted.putBack(undecided.counts)
    undecided = null
    return true
  }

  async function write(): Promise<void> {
    if (!(await decide())) return
    const counts = counted.takeAll()
    try {
      await addHours(db, counts, (transaction) => {
        undecided = { transaction, counts }
      })
      undecided = null
    } catch (error) {
      if (!undecided) counted.putBack(counts)
      throw error
    }
  }

  function flush(): Promise<void> {
    flushing ??= write()
      .catch((error: unknown) => logger.warn({ err: error }, 'the counts of the door wait for the database'))
      .finally(() => {
        flushing = null
      })
    return flushing
  }

  const timer = setInterval(() => void flush(), flushIntervalMs)
  timer.unref()
  return {
    count({ projectId, outcome, reason, receivedAtMs }, quantity = 1) {
      const hour = Math.floor((receivedAtMs ?? now()) / HOUR_MS)
      counted.add({ projectId: projectId ?? NO_PROJECT, hour, outcome, reason }, quantity)
    },
    flush,
    async stop() {
      clearInterval(timer)
      const last = (flushing ?? Promise.resolve()).then(flush)
      await within(STOP_MS_MAX, last)
      const lost = counted.sum() + sumOf(undecided?.counts ?? [])
      if (lost > 0) logger.warn({ requests: lost }, 'stopped before these requests were counted')
    },
  }
}

/** Waits for the end of `work`, but no longer. */
async function within(msMax: number, work: Promise<void>): Promise<void> {
  const enough = Promise.withResolvers<void>()
  const timer = setTimeout(enough.resolve, msMax)
  await Promise.race([work, enough.promise])
  clearTimeout(timer)
}

interface CountKey {
  projectId: string
  /** Since 1970. */
  hour: number
  outcome: string
  reason: string
}

function createCounts(countsMax: number) {
  let counts = new Map<string, CountKey & { quantity: number }>()

  function add(key: CountKey, quantity: number): void {
    const text = `${key.projectId} ${key.hour} ${key.outcome} ${key.reason}`
    const known = counts.get(text)
    if (known) known.quantity += quantity
    else if (counts.size < countsMax || key.projectId === NO_PROJECT) counts.set(text, { ...key, quantity })
    else add({ ...key, projectId: NO_PROJECT }, quantity)
  }

  return {
    add,
    takeAll(): readonly HourCount[] {
      const taken = [...counts.values()]
      counts = new Map()
      return taken.map(({ projectId, hour, outcome, reason, quantity }) => ({
        project_id: projectId,
        hour: new Date(hour * HOUR_MS).toISOString(),
        item_type: 'request',
        outcome,
        reason,
        quantity,
      }))
    },
    putBack(taken: readonly HourCount[]) {
      for (const { project_id, hour, outcome, reason, quantity } of taken) {
        add({ projectId: project_id, hour: Date.parse(hour) / HOUR_MS, outcome, reason }, quantity)
      }
    },
    sum: () => counts.values().reduce((sum, { quantity }) => sum + quantity, 0),
  }
}

function sumOf(counts: readonly HourCount[]): number {
  return counts.reduce((sum, { quantity }) => sum + quantity, 0)
}
