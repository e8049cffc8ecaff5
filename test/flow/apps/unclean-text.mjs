import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

const nul = 'a\0b'
const lone = 'a\ud83db'
Sentry.setTags({ nul, lone })
Sentry.setUser({ id: nul, username: lone })
Sentry.setContext('os', { name: nul, version: lone })
Sentry.captureException(new Error(`${nul} ${lone}`), { extra: { [nul]: lone }, fingerprint: [nul, lone] })
await Sentry.flush(5_000)
