import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

// All from one place: what they say must tell them apart, not their stack.
function log(level, text) {
  Sentry.captureMessage(text, level)
}

log('fatal', 'the disk is gone')
log('error', 'the disk is full')
log('warning', 'the disk fills up')
log('info', 'the disk was cleaned')
log('debug', 'the disk was looked at')
await Sentry.flush(5_000)
