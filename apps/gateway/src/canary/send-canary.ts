import { request } from 'node:http'
import type { CanaryProject } from '@rumen/db/canary/find-canary-project'

export interface CanaryTarget {
  /** Where the public port listens. */
  host: string
  port: number
}

/** A gateway that has not answered by then is no use to an SDK either. */
const ANSWER_MS_MAX = 5_000

/**
 * Sends one event as an SDK does, through the public port, and gives the status it was answered with; 0: there was no answer.
 * All of them are one issue, whatever the project groups by.
 */
export async function sendCanary(
  { host, port }: CanaryTarget,
  { id, publicKey }: CanaryProject,
  eventId: string,
): Promise<number> {
  const body = envelopeOf(eventId)
  const headers = {
    'Content-Type': 'application/x-sentry-envelope',
    'Content-Length': Buffer.byteLength(body),
    'X-Sentry-Auth': `Sentry sentry_version=7, sentry_client=rumen.canary/1, sentry_key=${publicKey}`,
  }
  const path = `/api/${id}/envelope/`
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  return await new Promise((resolve) => {
    // A connection of its own, as somebody has who comes for the first time.
    const sent = request(
      { host: reachable(host), port, path, method: 'POST', headers, agent: false, signal },
      (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
        answer.once('error', () => resolve(0))
      },
    )
    sent.once('error', () => resolve(0))
    sent.end(body)
  })
}

/** Who listens everywhere is reached at home. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

function envelopeOf(eventId: string): string {
  const event = {
    event_id: eventId,
    timestamp: Date.now() / 1000,
    platform: 'other',
    level: 'info',
    logger: 'rumen.canary',
    message: 'Rumen sent this to itself to see that it arrives',
    fingerprint: ['rumen-canary'],
  }
  return [{ event_id: eventId }, { type: 'event' }, event].map((line) => JSON.stringify(line)).join('\n')
}
