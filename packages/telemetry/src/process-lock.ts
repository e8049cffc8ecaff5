import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** A lock that nothing refers to would be collected, closed and thereby given up. */
const held = new Set<DatabaseSync>()

/**
 * Takes the lock that `path` stands for, or returns null when a living process (this one included) holds it.
 * SQLite is the only door Node has to the kernel's file locks, which vanish with their process however it dies:
 * no stale lock to recognise, no heartbeat. The embedded PostgreSQL and the spool rely on it.
 */
export function takeProcessLock(path: string): (() => void) | null {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    file.close()
    if (isBusy(error)) return null
    throw error
  }
  held.add(file)
  return () => {
    if (held.delete(file)) file.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
