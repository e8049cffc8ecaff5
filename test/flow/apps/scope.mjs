import * as Sentry from '@sentry/node'

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: 'shop@2.3.1+77',
  dist: '77',
  environment: 'staging',
  serverName: 'web-3',
})
Sentry.setTags({ 'payment.provider': 'acme', region: 'eu-central', attempt: 3 })
Sentry.setUser({ id: '42', email: 'ada@example.com', username: 'ada', ip_address: '192.0.2.7' })
Sentry.setContext('device', { manufacturer: 'Acme', brand: 'Roadrunner', model: 'A-1', family: 'A', arch: 'arm64' })
Sentry.setContext('os', { name: 'AcmeOS', version: '9.1' })
Sentry.setContext('culture', { locale: 'de-DE', timezone: 'Europe/Berlin' })
Sentry.getCurrentScope().setTransactionName('POST /cart/:id')

Sentry.captureException(new Error('the card was declined'))
await Sentry.flush(5_000)
