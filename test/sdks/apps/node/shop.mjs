// A shop that breaks, with whatever @sentry/node lies beside it: what a version does not know is left out.
import { createRequire } from 'node:module'

const Sentry = createRequire(import.meta.url)('@sentry/node')

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: 'shop@2.3.1',
  environment: 'staging',
  serverName: 'web-3',
  tracesSampleRate: 1,
  traceLifecycle: 'static',
})
Sentry.setTag('region', 'eu')
Sentry.setUser({ id: '42', email: 'ada@example.com' })

Sentry.startSession?.()

try {
  new Array(-1)
} catch (error) {
  Sentry.captureException(error)
}

const eventId = Sentry.captureMessage('the disk fills up', 'warning')

Sentry.withScope((scope) => {
  scope.addAttachment?.({ filename: 'cart.bin', data: new Uint8Array([0, 10, 255]) })
  // Large enough for the SDK to compress it.
  scope.setExtra('cart', Array.from({ length: 8_000 }, (_, n) => `item ${(n * 7919) % 10_007}`).join())
  Sentry.captureMessage('the cart is large', 'error')
})

Sentry.startSpan?.({ name: 'checkout', op: 'task' }, () => Sentry.startSpan({ name: 'SELECT 1', op: 'db' }, () => {}))

const checkInId = Sentry.captureCheckIn?.({ monitorSlug: 'nightly', status: 'in_progress' })
Sentry.captureCheckIn?.({ monitorSlug: 'nightly', status: 'ok', checkInId, duration: 1 })

const comment = { name: 'Ada', email: 'ada@example.com', comments: 'it broke', message: 'it broke' }
if (Sentry.captureFeedback) Sentry.captureFeedback({ ...comment, associatedEventId: eventId })
else Sentry.captureUserFeedback?.({ ...comment, event_id: eventId })

// An error is of the session that has not ended when it is sent.
await Sentry.flush(10_000)
Sentry.endSession?.()
await Sentry.close(10_000)
