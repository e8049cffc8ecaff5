/** What is nobody's fault and may go well later, though no database said so. */
export class PassingError extends Error {
  override readonly name: string = 'PassingError'
}

/** The SQLSTATEs Rumen decides by; errors are never told apart by their text. (PostgreSQL manual, appendix A) */
export const SQL_STATE = {
  lockNotAvailable: '55P03',
  checkViolation: '23514',
  undefinedTable: '42P01',
  undefinedColumn: '42703',
  insufficientPrivilege: '42501',
  duplicateObject: '42710',
  dependentObjects: '2BP01',
} as const

/** Classes that blame what was written: data exceptions and limits of the program. */
const DATA_CLASSES = new Set(['22', '54'])
/** Classes that one row of many can have caused: those, a constraint, a missing partition, what a function raised. */
const ROW_CLASSES = new Set([...DATA_CLASSES, '23', '44', 'P0'])

/** How the drivers name a connection that could not be had, or was lost. */
const CONNECTION_CODE = /^(ECONN|EPIPE$|ETIMEDOUT$|EHOSTUNREACH$|ENETUNREACH$|ENOTFOUND$|EAI_AGAIN$|CONNECT(ION)?_)/

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
 * Whether the same work may succeed later, as it is. True for all a database says but what blames the data: it was
 * away, busy or being shut down, chose this transaction as a victim, lacks a partition, a right or a column that is on
 * its way. False for errors of no database: those are ours, and come again.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof PassingError) return true
  const state = sqlStateOf(error)
  if (state === null) return false
  if (CONNECTION_CODE.test(state)) return true
  return /^[0-9A-Z]{5}$/.test(state) && !DATA_CLASSES.has(state.slice(0, 2))
}

/** Whether the server is away, being shut down or out of room: it may take the same work later, whatever it is. */
export function isAway(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== null && (CONNECTION_CODE.test(state) || /^(08|53|57)[0-9A-Z]{3}$/.test(state))
}

/** Whether the server blames what was to be written: it would refuse the same again and again. */
export function blamesData(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== null && /^[0-9A-Z]{5}$/.test(state) && DATA_CLASSES.has(state.slice(0, 2))
}

/** Whether the server, or the system below, said by a code what went wrong. */
export function hasCode(error: unknown): boolean {
  return sqlStateOf(error) !== null
}

/** Whether the rest of a batch may succeed without the row at fault: then halving finds it. */
export function mayConcernOneRow(error: unknown): boolean {
  if (error instanceof PassingError) return false
  const state = sqlStateOf(error)
  if (state === null) return true
  if (CONNECTION_CODE.test(state)) return false
  return !/^[0-9A-Z]{5}$/.test(state) || ROW_CLASSES.has(state.slice(0, 2))
}

/** Whether the transaction failed for the sake of another one, in a deadlock or behind a lock: at once it may succeed. */
export function isVictim(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== null && (state.startsWith('40') || state === SQL_STATE.lockNotAvailable)
}
