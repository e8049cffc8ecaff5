import { setTimeout as delay } from 'node:timers/promises'
import { type Metabase, MetabaseError, UnreachableError } from './metabase-client.ts'

const PAUSE_MS = 500

/**
 * Waits until GET /api/health is answered 200. Until then nobody listens, it is answered 503 with `{"status": "initializing"}`,
 * or a proxy in front answers for it. Rejects after `waitMs`, with what it heard last, and at once when something else answers.
 */
export async function waitUntilReady(metabase: Metabase, waitMs: number, say: (line: string) => void): Promise<void> {
  const deadline = Date.now() + waitMs
  let heard = ''
  for (;;) {
    const reason = await whyNotReady(metabase)
    if (reason === null) return
    if (reason !== heard) say(`waiting: ${reason}`)
    heard = reason
    if (Date.now() > deadline) throw new Error(`Metabase was not ready within ${waitMs / 1000} seconds: ${reason}`)
    await delay(PAUSE_MS)
  }
}

async function whyNotReady(metabase: Metabase): Promise<string | null> {
  try {
    await metabase.get('/api/health')
    return null
  } catch (error) {
    if (error instanceof UnreachableError) return error.message
    if (error instanceof MetabaseError && error.status >= 500) return `Metabase is not ready yet (${error.status})`
    throw error
  }
}
