/** The SQLSTATEs Rumen decides by; errors are never told apart by their text. (PostgreSQL manual, appendix A) */
export const SQL_STATE = {
  lockNotAvailable: '55P03',
  undefinedTable: '42P01',
} as const

/** Classes of errors that pass by themselves: connection, rollback (deadlock, serialisation), resources, operator. */
const PASSING_CLASSES = new Set(['08', '40', '53', '55', '57', '58'])

function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  // drizzle wraps what the driver threw.
  return sqlStateOf(error.cause)
}

export function hasSqlState(error: unknown, state: string): boolean {
  return sqlStateOf(error) === state
}

/**
 * Whether the same work may succeed later: the database was away, busy or chose this transaction as a victim.
 * A driver's own codes (ECONNREFUSED, CONNECTION_CLOSED …) are no SQLSTATEs; they all mean the connection.
 */
export function isPassing(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state === null) return false
  // EPIPE is as long as a SQLSTATE, but no class begins with E.
  return state.length !== 5 || state.startsWith('E') || PASSING_CLASSES.has(state.slice(0, 2))
}
