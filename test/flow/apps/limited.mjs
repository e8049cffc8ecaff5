import * as Sentry from '@sentry/browser'

Sentry.init({ dsn: SENTRY_DSN, integrations: (defaults) => defaults.filter(({ name }) => name !== 'BrowserSession') })

// For the test to look at: how each event ended, a number where the page could read the answer.
globalThis.answers = []
const client = Sentry.getClient()
client.on('afterSendEvent', (_event, { statusCode }) => globalThis.answers.push(statusCode ?? 'held back'))

async function report(text) {
  Sentry.captureException(new Error(text))
  await Sentry.flush()
}

void report('one')
  .then(() => report('two'))
  .then(() => report('three'))
