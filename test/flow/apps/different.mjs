import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

function pay() {
  throw new Error('the card was declined')
}

function ship() {
  throw new RangeError('no such address')
}

function thank() {
  return undefined.name
}

for (const step of [pay, ship, thank]) {
  try {
    step()
  } catch (error) {
    Sentry.captureException(error)
  }
}
await Sentry.flush(5_000)
