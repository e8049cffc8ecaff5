import { connect } from '../connect.ts'

/**
 * Does the work unless another process is at work under that name, and says whether it did. The lock is a session's, because
 * the work takes many transactions: `directUrl` must reach PostgreSQL itself, not a transaction pooler. The session is a new
 * one each time and ends with the work, and its lock with it. The lock is only there to save work: when the session is cut,
 * the next process begins while this one is still at it.
 */
export async function whileAlone(directUrl: string, name: string, work: () => Promise<void>): Promise<boolean> {
  const { sql, close } = connect(directUrl, { poolSize: 1, name })
  try {
    const [free] = await sql`SELECT WHERE pg_try_advisory_lock(hashtext(${name}))`
    if (!free) return false
    await work()
    return true
  } finally {
    await close()
  }
}
