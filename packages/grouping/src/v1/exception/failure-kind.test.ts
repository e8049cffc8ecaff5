import { expect, test } from 'vitest'
import { sampleException } from '../../sample-event.ts'
import { failureKindOf } from './failure-kind.ts'

test.each([
  ['RangeError', 'Maximum call stack size exceeded', 'overflow'],
  ['InternalError', 'too much recursion', 'overflow'],
  ['RecursionError', 'maximum recursion depth exceeded', 'overflow'],
  ['SystemStackError', 'stack level too deep', 'overflow'],
  ['java.lang.StackOverflowError', null, 'overflow'],
  ['StackOverflowException', null, 'overflow'],
  ['fatal error', 'runtime: goroutine stack exceeds 1000000000-byte limit', 'overflow'],
  ['EXC_BAD_ACCESS', 'KERN_PROTECTION_FAILURE at 0x16b', 'overflow'],
  ['ApplicationNotResponding', 'x', 'hang'],
  ['App Hanging', 'x', 'hang'],
  ['AppHang', 'x', 'hang'],
  ['SoftTimeLimitExceeded', 'x', 'hang'],
  ['Rack::Timeout::RequestTimeoutException', 'x', 'hang'],
  ['WorkerTimeout', null, 'hang'],
  ['TypeError', 'x is null', 'other'],
  ['Timeout', 'read timed out', 'other'],
  [null, null, 'other'],
])('%s: %s is of kind %s', (type, value, kind) => {
  expect(failureKindOf(sampleException(type, value))).toBe(kind)
})

test('no exception is of no kind', () => {
  expect(failureKindOf(null)).toBe('other')
})
