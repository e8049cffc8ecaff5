/**
 * For the pool of pg-boss, which hands them on to `pg`: a connection the network lost without telling must end a
 * statement, not a worker. All in milliseconds.
 */
export const POOL_OPTIONS = {
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  query_timeout: 35_000,
} as const
