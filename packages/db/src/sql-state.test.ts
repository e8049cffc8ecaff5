import { expect, test } from 'vitest'
import { hasSqlState, isPassing, isVictim, mayConcernOneRow, SQL_STATE } from './sql-state.ts'

function errorWith(code: unknown): Error {
  return Object.assign(new Error('no'), { code })
}

/** As drizzle throws what the driver threw. */
function wrapped(error: Error): Error {
  return new Error('Failed query', { cause: error })
}

test.for([
  ['40P01', 'a deadlock'],
  ['40001', 'a serialisation failure'],
  ['55P03', 'a lock that was not to be had'],
  ['57014', 'a statement that took too long'],
  ['57P01', 'a server that shuts down'],
  ['57P03', 'a server that starts'],
  ['53300', 'too many connections'],
  ['08006', 'a broken connection'],
  ['58030', 'a disk that failed'],
  ['25P03', 'a transaction that stood still and was ended'],
  ['23514', 'a partition that is not there yet'],
  ['25006', 'a server that only reads'],
  ['42P01', 'a table that is on its way'],
  ['42501', 'a right that was taken'],
  ['ECONNREFUSED', 'nobody at the address'],
  ['ECONNRESET', 'a cut'],
  ['EPIPE', 'a cut while writing'],
  ['CONNECTION_CLOSED', 'a cut, in the driver’s words'],
] as const)('%s passes: %s', ([code]) => {
  expect(isPassing(errorWith(code))).toBe(true)
  expect(isPassing(wrapped(errorWith(code)))).toBe(true)
})

test.for([
  ['22P02', 'a text that is no number'],
  ['22021', 'a NUL in a text'],
  ['54000', 'a limit of the program'],
  ['ERR_ASSERTION', 'a bug with a code of its own'],
  ['UNDEFINED_VALUE', 'a bug, in the driver’s words'],
] as const)('%s does not pass: %s', ([code]) => {
  expect(isPassing(errorWith(code))).toBe(false)
  expect(isPassing(wrapped(errorWith(code)))).toBe(false)
})

test('what is no error of a database does not pass', () => {
  for (const thrown of [new Error('a bug'), new TypeError('undefined'), errorWith(7), 'a text', null, undefined]) {
    expect(isPassing(thrown)).toBe(false)
  }
})

test('a state is found behind what wraps it', () => {
  expect(hasSqlState(wrapped(errorWith('55P03')), SQL_STATE.lockNotAvailable)).toBe(true)
  expect(hasSqlState(errorWith('42P01'), SQL_STATE.lockNotAvailable)).toBe(false)
})

test.for([
  ['22P02', true],
  ['23514', true],
  ['54000', true],
  ['ERR_ASSERTION', true],
  ['25006', false],
  ['40P01', false],
  ['42501', false],
  ['57P01', false],
  ['ECONNRESET', false],
] as const)('%s may be one row’s fault: %s', ([code, isOneRow]) => {
  expect(mayConcernOneRow(wrapped(errorWith(code)))).toBe(isOneRow)
})

test('only what the server rolled back for another transaction is tried again at once', () => {
  expect(['40P01', '40001', '55P03', '57014', '08006', '22P02'].map((code) => isVictim(errorWith(code)))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})
