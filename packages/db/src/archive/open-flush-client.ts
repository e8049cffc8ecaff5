import pg from 'pg'

/** A connection archives are committed through. */
export type FlushClient = pg.Client

/**
 * Opens a connection through `pg`, which sends bytes in binary at half the CPU of the driver everything else uses.
 * Statements are pipelined: BEGIN and the insert go out together. The server ends a statement after ten seconds and a
 * transaction left idle for as long, so that a gateway that was suspended holds no lock for others to wait on.
 */
export async function openFlushClient(
  url: string,
  onError: (error: Error) => void,
  name = 'rumen gateway flush',
): Promise<FlushClient> {
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    // The server's own limit does not help where the network lost the connection and nobody was told.
    query_timeout: 15_000,
    idle_in_transaction_session_timeout: 10_000,
  })
  // Without a listener a connection that breaks while idle ends the process.
  client.on('error', onError)
  await client.connect()
  return client
}
