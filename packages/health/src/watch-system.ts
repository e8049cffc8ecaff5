import { readCanary } from '@rumen/db/canary/read-canary'
import type { Connection, Db } from '@rumen/db/connect'
import { forecastDisk } from '@rumen/db/disk/forecast-disk'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import { daysAhead } from '@rumen/db/partition/days-ahead'
import { readProcesses } from '@rumen/db/process/read-processes'
import { readLargeDrop } from '@rumen/db/retention/large-drop'
import type { Retention } from '@rumen/db/retention/retention'
import type { Logger } from '@rumen/telemetry/logger'
import { repeat } from '@rumen/telemetry/repeat'
import { judgeSystem, type SystemChecks } from './judge-system.ts'
import { type Observation, queueOf, type Recent } from './observation.ts'

/** What a process knows of all the others. Nothing here asks anybody: it is read while it burns. */
export interface SystemWatch {
  observation(): Observation
  checks(): SystemChecks
  /** Whether the database answered the last time, a few seconds ago. */
  isDatabaseReachable(): boolean
  stop(): void
}

export interface WatchOptions {
  connection: Pick<Connection, 'db' | 'sql'>
  canaryIntervalSeconds: number
  retention: Retention
  logger: Logger
}

const SECOND_MS = 1_000
/** With thirty seconds of silence and five between two beats a dead process is known after forty. */
const LOOK_MS = 5 * SECOND_MS

/** Looks at everything every few seconds, in the background. */
export function watchSystem({ connection, canaryIntervalSeconds, retention, logger }: WatchOptions): SystemWatch {
  const { db, sql } = connection
  const recent = createPart(() => readRecent(db), { staleMs: 4 * LOOK_MS, pauseMs: 0 })
  const days = createPart(() => daysAhead(sql, new Date()), { staleMs: 300 * SECOND_MS, pauseMs: 60 * SECOND_MS })
  const disk = createPart(() => readDisk(db, retention), { staleMs: 1800 * SECOND_MS, pauseMs: 300 * SECOND_MS })
  let isAnswered = false

  async function look(): Promise<void> {
    isAnswered = await lookAt(recent)
    if (isAnswered) await lookAt(days)
    if (isAnswered) await lookAt(disk)
  }

  async function lookAt(part: Part<unknown>): Promise<boolean> {
    try {
      await part.refresh()
      return true
    } catch (error) {
      // What is known grows old meanwhile, and then nobody takes it for true.
      logger.debug({ err: error }, 'it could not be looked at how everybody is')
      return false
    }
  }

  const repetition = repeat(LOOK_MS, look, (error) => logger.debug({ err: error }, 'a look failed'))
  const observation = () => ({ recent: recent.known(), daysAhead: days.known(), disk: disk.known() })
  return {
    observation,
    checks: () =>
      judgeSystem(observation(), {
        canaryIntervalSeconds,
        settledSeconds: recent.knownForMs() / SECOND_MS,
        now: new Date(),
      }),
    isDatabaseReachable: () => isAnswered && recent.known() !== null,
    stop: () => void repetition.stop(),
  }
}

/** One look, for somebody who asks once; rejects where the database does not answer. */
export async function observeSystem(
  { db, sql }: Pick<Connection, 'db' | 'sql'>,
  retention: Retention,
): Promise<Observation & { recent: Recent }> {
  return {
    recent: await readRecent(db),
    daysAhead: await daysAhead(sql, new Date()),
    disk: await readDisk(db, retention),
  }
}

async function readRecent(db: Db): Promise<Recent> {
  const processes = await readProcesses(db)
  return { processes, queue: queueOf(await readGauges(db)), canary: await readCanary(db) }
}

async function readDisk(db: Db, retention: Retention): Promise<NonNullable<Observation['disk']>> {
  const now = new Date()
  return { forecast: await forecastDisk(db, { retention, now }), largeDrop: await readLargeDrop(db, now) }
}

/** One look, and what it saw until that is too old to be true. */
interface Part<Value> {
  /** Looks again unless it just did; rejects as the look does. */
  refresh(): Promise<void>
  known(): Value | null
  /** Since when there was always something known; 0: there is nothing. */
  knownForMs(): number
}

function createPart<Value>(
  read: () => Promise<Value>,
  { staleMs, pauseMs }: { staleMs: number; pauseMs: number },
): Part<Value> {
  let last: { value: Value; atMs: number } | null = null
  let knownSinceMs = 0
  const isYounger = (ageMsMax: number) => last !== null && performance.now() - last.atMs < ageMsMax
  return {
    known: () => (last && isYounger(staleMs) ? last.value : null),
    knownForMs: () => (isYounger(staleMs) ? performance.now() - knownSinceMs : 0),
    async refresh() {
      if (isYounger(pauseMs)) return
      const value = await read()
      if (!isYounger(staleMs)) knownSinceMs = performance.now()
      last = { value, atMs: performance.now() }
    },
  }
}
