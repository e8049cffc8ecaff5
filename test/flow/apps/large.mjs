import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

// Beyond 32 KiB the SDK compresses what it sends.
const extra = { lines: Array.from({ length: 500 }, (_, at) => `line ${at}: ${'x'.repeat(150)}`) }
Sentry.captureException(new Error('the report is large'), { extra })
await Sentry.flush(5_000)
