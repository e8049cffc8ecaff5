/** What a person needs to see the first error arrive. `databaseUrl` is given for the embedded database alone. */
export function welcome({
  dsn,
  gatewayUrl,
  databaseUrl,
}: {
  dsn: string
  gatewayUrl: string
  databaseUrl: string | null
}) {
  return `
Rumen takes errors at ${gatewayUrl}

  DSN  ${dsn}

Paste this into a Node app (npm install @sentry/node), before everything else:

  const Sentry = require('@sentry/node')
  Sentry.init({ dsn: '${dsn}' })

Then break something and look:

  select event_id, exception_type, issue from analytics.reports;
${databaseUrl === null ? '' : `\n  The database: ${databaseUrl}\n`}
Ctrl-C stops everything; the data stays.`
}
