import type { SeenProcess } from '@rumen/db/process/read-processes'
import { type Check, unknown, well } from './check.ts'
import { countInWords, secondsInWords } from './in-words.ts'
import { healthOfProcess } from './judge-processes.ts'
import type { QueueGauges } from './observation.ts'

/** A backlog older than that: workers are too few, or down. A long one alone is what the archive is for. */
const OLDEST_SECONDS_MAX = 300
/** One that grows is told of sooner. */
const GROWING_SECONDS_MIN = 60
/** A measurement is made every five seconds: one that old is of a process that has gone. */
const AGE_SECONDS_MAX = 60
/** More than what is digested by that much is more than the two being measured at different moments. */
const GROWTH_FACTOR = 1.1

/** What a second, over the last minute, comes in and is digested; of those who live. */
export function ratesOf(
  processes: readonly SeenProcess[],
  queue: QueueGauges | null,
): { acceptedPerSecond: number; digestedPerSecond: number } {
  const alive = processes.filter((process) => healthOfProcess(process, queue) !== 'dead')
  const sum = (role: string) =>
    alive.reduce((total, process) => (process.role === role ? total + process.perSecond : total), 0)
  return { acceptedPerSecond: sum('gateway'), digestedPerSecond: sum('worker') }
}

/** How long events wait, and whether they will wait longer. */
export function judgeQueue(queue: QueueGauges | null, processes: readonly SeenProcess[]): Check {
  if (!queue) return unknown('the queue')
  const { waiting, oldestSeconds, ageSeconds } = queue
  if (ageSeconds > AGE_SECONDS_MAX) {
    const message = `the queue was last measured ${secondsInWords(ageSeconds)} ago`
    return { status: 'degraded', message, advice: 'gateways measure it: see that one runs', figures: {} }
  }
  const { acceptedPerSecond, digestedPerSecond } = ratesOf(processes, queue)
  const isGrowing = oldestSeconds > GROWING_SECONDS_MIN && acceptedPerSecond > digestedPerSecond * GROWTH_FACTOR
  const figures = { growing: isGrowing }
  if (oldestSeconds <= OLDEST_SECONDS_MAX && !isGrowing) return well(figures)
  const rates = `${acceptedPerSecond.toFixed(1)} a second come in and ${digestedPerSecond.toFixed(1)} are digested`
  const waits = `${countInWords(waiting, 'event')} wait, the oldest for ${secondsInWords(oldestSeconds)}`
  const message = isGrowing ? `${waits}, and ${rates}` : waits
  return { status: 'degraded', message, advice: 'start another worker, or look at the logs of those that run', figures }
}

/** What was given up: nobody looks at it again by himself. */
export function judgeDeadLetters(queue: QueueGauges | null): Check {
  if (!queue) return unknown('what was given up')
  const figures = { dead: queue.dead }
  if (queue.dead === 0) return well(figures)
  const message = `${countInWords(queue.dead, 'event')} could not be digested, time and again`
  const advice = 'rumen dead list says why; then rumen dead retry --all, or rumen dead drop'
  return { status: 'failing', message, advice, figures }
}
