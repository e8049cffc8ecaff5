import { expect, test } from 'vitest'
import { isSignal } from './signal.ts'

test.each([
  ['SIGSEGV'],
  ['EXC_BAD_ACCESS'],
  ['EXCEPTION_ACCESS_VIOLATION_READ'],
  ['Access violation - code c0000005'],
  ['Assertion failed'],
  ['Fatal error'],
  ['Unhandled Exception'],
])('%s is a system’s word', (type) => {
  expect(isSignal(type)).toBe(true)
})

test.each([['SIGNATURE_INVALID'], ['TypeError'], ['Assertion failed: x'], ['sigsegv']])('%s is not', (type) => {
  expect(isSignal(type)).toBe(false)
})
