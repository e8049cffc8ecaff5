import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ACCEPTABLE = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Names requests, so that a line of the log, an answer and a balancer's own log can be brought together: by the
 * request's `X-Request-Id` where it has a sensible one, else by the process and a number. To be sent back as `X-Request-Id`.
 */
export function createRequestIds(): (incoming: IncomingMessage) => string {
  // A random id for each request would cost more than everything else that is done for its sake.
  const process = randomBytes(6).toString('base64url')
  let count = 0
  return ({ headers }) => {
    const given = headers['x-request-id']
    if (typeof given === 'string' && ACCEPTABLE.test(given)) return given
    count++
    return `${process}.${count.toString(36)}`
  }
}
