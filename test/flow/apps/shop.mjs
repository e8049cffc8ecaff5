import * as Sentry from '@sentry/browser'

Sentry.init({ dsn: SENTRY_DSN, release: 'shop@1.0.0', environment: 'staging' })

// For the test to look at: what the SDK could read of the gateway's answers.
globalThis.answers = []
Sentry.getClient().on('afterSendEvent', (_event, { statusCode }) => globalThis.answers.push(statusCode))

class PaymentError extends Error {
  name = 'PaymentError'
}

function pay() {
  throw new PaymentError('the card was declined')
}

function showCart(cart) {
  return cart.items.length
}

try {
  pay()
} catch (error) {
  Sentry.captureException(error)
}

showCart({})
