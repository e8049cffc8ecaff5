import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from 'postgres'

const PATIENCE_MS = 5_000

/**
 * Whether what one connection of this address says another one hears. Behind a pooler that shares connections by transaction
 * it does not: whoever listens is not who gets the next statement. Takes five seconds to say no.
 */
export async function hearsNotifications(sql: Sql): Promise<boolean> {
  const channel = `rumen_doctor_${randomUUID().replaceAll('-', '')}`
  const heard = Promise.withResolvers<true>()
  const patience = new AbortController()
  const listening = await sql.listen(channel, () => heard.resolve(true))
  try {
    await sql.notify(channel, '')
    return await Promise.race([heard.promise, delay(PATIENCE_MS, false, { signal: patience.signal })])
  } finally {
    patience.abort()
    await listening.unlisten()
  }
}
