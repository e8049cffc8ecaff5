import * as Sentry from '@sentry/node'

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  // It drops an event that equals the one before.
  integrations: (defaults) => defaults.filter(({ name }) => name !== 'Dedupe'),
})

function pay() {
  throw new Error('the card was declined')
}

for (let times = 0; times < 20; times++) {
  try {
    pay()
  } catch (error) {
    Sentry.captureException(error)
  }
}
await Sentry.flush(5_000)
