import type { CanaryState } from '@rumen/db/canary/read-canary'
import { type Check, unknown, well } from './check.ts'
import { secondsInWords } from './in-words.ts'

/** An event nobody saw by then is given up. A usual one takes a tenth of a second. */
export const CANARY_SECONDS_MAX = 30

/**
 * What the events say that Rumen sends to itself. The last one whose end is known decides: after one that was lost it is
 * failing until another arrives. With none for two intervals there is nobody left who sends them.
 */
export function judgeCanary(canary: CanaryState, intervalSeconds: number): Check {
  if (intervalSeconds === 0) return { status: 'off', message: null, advice: null, figures: {} }
  const { sent, visible, lost } = canary
  const figures = {
    visible_ms: visible?.value ?? null,
    age_seconds: visible ? Math.round(visible.ageSeconds) : null,
  }
  if (!sent) return { ...unknown('the canary'), advice: 'gateways send it: see that one runs', figures }
  const isLost = lost !== null && (visible === null || lost.ageSeconds < visible.ageSeconds)
  if (isLost) return { status: 'failing', message: lostInWords(lost.value), advice: adviceOf(lost.value), figures }
  const lastSeconds = Math.min(visible?.ageSeconds ?? sent.ageSeconds, lost?.ageSeconds ?? Number.POSITIVE_INFINITY)
  // The interval it was sent at: the gateways may have been given another.
  if (lastSeconds > 2 * Math.max(intervalSeconds, sent.value) + CANARY_SECONDS_MAX) {
    const message = `the last event Rumen sent to itself was seen ${secondsInWords(lastSeconds)} ago`
    return { status: 'failing', message, advice: 'gateways send it: see that one runs', figures }
  }
  return visible ? well(figures) : { ...unknown('the canary'), figures }
}

function lostInWords(answer: number): string {
  const which = 'the last event Rumen sent to itself'
  if (answer === 0) return `${which} got no answer from its own gateway`
  if (answer === 200) return `${which} was taken, and was not visible ${CANARY_SECONDS_MAX} s later`
  return `${which} was refused with ${answer}`
}

function adviceOf(answer: number): string {
  if (answer === 0) return 'see whether the public port of the gateway can be reached from its own machine'
  if (answer === 200) return 'see workers and queue: events arrive late, or not at all'
  if (answer === 429) return 'senders are refused, too: raise the limits (RATE_LIMIT_…), or see what is overloaded'
  return "look at the gateway's log: senders may be refused, too"
}
