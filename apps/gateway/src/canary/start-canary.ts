import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '@rumen/config/read-settings'
import { findCanaryProject } from '@rumen/db/canary/find-canary-project'
import { isVisible } from '@rumen/db/canary/is-visible'
import { leaseCanary } from '@rumen/db/canary/lease-canary'
import { type CanaryEnd, noteCanary } from '@rumen/db/canary/note-canary'
import type { Db } from '@rumen/db/connect'
import { CANARY_SECONDS_MAX } from '@rumen/health/judge-canary'
import type { Logger } from '@rumen/telemetry/logger'
import { type CanaryTarget, sendCanary } from './send-canary.ts'

export interface Canary {
  stop(): void
}

export interface CanaryOptions {
  db: Db
  settings: Pick<Settings, 'HOST' | 'CANARY_INTERVAL_SECS'>
  /** The public one, as it turned out. */
  port: number
  logger: Logger
}

const SECOND_MS = 1_000
/** How often a gateway asks whether it is its turn. */
const TURN_MS_MAX = 5 * SECOND_MS
const RETRY_MS = SECOND_MS

/**
 * Every now and then one of the gateways sends an event to itself, as anybody would, and looks until its report is there:
 * that goes the whole way, by key, commit, queue and worker. What became of it is published for all.
 */
export function startCanary({ db, settings, port, logger }: CanaryOptions): Canary {
  const intervalSeconds = settings.CANARY_INTERVAL_SECS
  if (intervalSeconds === 0) return { stop: () => undefined }
  const stopping = new AbortController()
  const { signal } = stopping
  const target = { host: settings.HOST, port }

  async function run(): Promise<void> {
    const turnMs = Math.min(intervalSeconds * SECOND_MS, TURN_MS_MAX)
    while (!signal.aborted) {
      try {
        if (await leaseCanary(db, intervalSeconds)) await sendOne()
      } catch (error) {
        logger.debug({ err: error }, 'no canary event was sent')
      }
      await pause(turnMs, signal)
    }
  }

  async function sendOne(): Promise<void> {
    const end = await followCanary({ db, target, signal })
    if (!end) return
    if (end.kind === 'lost') logger.warn({ answer: end.answer }, 'an event sent to this gateway by itself was not seen')
    await noteCanary(db, end)
  }

  run().catch((error: unknown) => logger.error({ err: error }, 'no more canary events are sent'))
  return { stop: () => stopping.abort() }
}

/** Sends an event and waits for its report. What is refused is sent again: a rate limit has room a second later. */
async function followCanary({
  db,
  target,
  signal,
}: {
  db: Db
  target: CanaryTarget
  signal: AbortSignal
}): Promise<CanaryEnd | null> {
  const eventId = randomUUID().replaceAll('-', '')
  const startMs = performance.now()
  const tookMs = () => performance.now() - startMs
  const isOver = () => signal.aborted || tookMs() > CANARY_SECONDS_MAX * SECOND_MS
  let answer = 0
  let project = await findCanaryProject(db)
  while (!isOver()) {
    answer = await sendCanary(target, project, eventId)
    if (answer === 200) break
    await pause(RETRY_MS, signal)
    // Its key may have been revoked.
    project = await findCanaryProject(db)
  }
  while (answer === 200 && !isOver()) {
    if (await isVisible(db, { projectId: project.id, eventId })) return { kind: 'visible', ms: tookMs() }
    await pause(Math.min(500, Math.max(10, tookMs() / 10)), signal)
  }
  return signal.aborted ? null : { kind: 'lost', answer }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined)
}
