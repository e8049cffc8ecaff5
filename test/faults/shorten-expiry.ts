import type { Sql } from 'postgres'

export const EXPIRY_SECONDS = 2

/**
 * Claims lapse after two seconds instead of sixty, or after as many as asked for, so that a test need not wait for a
 * minute; the queue contract test pins the sixty. Jobs take the time with them when they are enqueued, and every role that
 * starts sets the queue's options anew: call it after the last start and before the first event.
 */
export async function shortenExpiry(sql: Sql, seconds = EXPIRY_SECONDS): Promise<void> {
  await sql`UPDATE pgboss.queue SET expire_seconds = ${seconds} WHERE name IN ('digest', 'digest-excess')`
}
