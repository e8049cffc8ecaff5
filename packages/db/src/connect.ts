import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres, { type Sql } from 'postgres'

export type Db = PostgresJsDatabase<Record<string, never>>
/** A transaction's handle: what every writing verb takes first. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

export interface Connection {
  db: Db
  /** The driver below, for LISTEN and for what is not a query builder's business. */
  sql: Sql
  close(): Promise<void>
}

const RECONNECT_SECONDS = 0.5
const STATEMENT_MS_MAX = 30_000

/**
 * Opens a pool of at most `poolSize` connections, made when first needed.
 * A statement or an idle transaction is ended by the server after 30 seconds: a process that was suspended in one
 * must not keep its rows locked for the others. `statementTimeoutMs` is for a person's command that reads a whole project. `lockTimeoutMs` is for what must not wait in a lock queue, where others
 * would wait behind it; 0: as long as it takes.
 */
export function connect(
  url: string,
  {
    poolSize,
    name,
    lockTimeoutMs = 0,
    statementTimeoutMs = STATEMENT_MS_MAX,
  }: { poolSize: number; name: string; lockTimeoutMs?: number; statementTimeoutMs?: number },
): Connection {
  const sql = postgres(url, {
    max: poolSize,
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 30_000,
      ...(lockTimeoutMs > 0 && { lock_timeout: lockTimeoutMs }),
    },
    // A database that is back is asked again within a second; the driver's own pause grows to twenty.
    backoff: () => RECONNECT_SECONDS,
    // Notices of "already exists" are for people at a prompt.
    onnotice: () => undefined,
  })
  return { db: drizzle(sql), sql, close: () => sql.end({ timeout: 5 }) }
}
