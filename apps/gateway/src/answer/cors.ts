import type { MiddlewareHandler } from 'hono'

const ALLOWED_HEADERS =
  'x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, authorization, content-encoding, transfer-encoding, baggage, sentry-trace, traceparent'

/**
 * Any page may report its errors, so every answer, refusals included, is readable from every origin; without the
 * exposed headers a browser would hide rate limits from the SDK. (Sentry's ingestion protocol, CORS)
 */
export const allowAnyOrigin: MiddlewareHandler = async function allowAnyOrigin(c, next) {
  if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Access-Control-Allow-Methods', 'POST')
    c.header('Access-Control-Allow-Headers', ALLOWED_HEADERS)
    c.header('Access-Control-Max-Age', '3600')
    c.header('Vary', 'origin, access-control-request-method, access-control-request-headers')
    return c.body(null, 200)
  }
  await next()
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Access-Control-Expose-Headers', 'x-sentry-error, x-sentry-rate-limits, retry-after')
  c.header('Cross-Origin-Resource-Policy', 'cross-origin')
  return
}
