import type { Event } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

function keyOf(fields: Partial<Event>): string {
  return groupV1(sampleEvent(fields), 'transaction').key
}

test('an exception is its type, the first line of its value as it stands, and the transaction', () => {
  const frames = [sampleFrame({ function: 'pay', filename: 'cart.py', inApp: true })]
  const exceptions = [sampleException('KeyError', 'cause'), sampleException('ValueError', 'order 17\nis gone', frames)]
  expect(keyOf({ exceptions, transaction: 'POST /cart' })).toBe('ValueError: order 17 ⋄ POST /cart')
})

test('without a transaction the key says so', () => {
  expect(keyOf({ exceptions: [sampleException('ValueError', null)] })).toBe('ValueError ⋄ <no transaction>')
})

test('an exception without a type is an Error', () => {
  expect(keyOf({ exceptions: [sampleException(null, 'gone')] })).toBe('Error: gone ⋄ <no transaction>')
})

test('a log message is its template, else its text', () => {
  expect(keyOf({ message: { template: 'user %s', formatted: 'user 17' }, transaction: '/' })).toBe(
    'Log Message: user %s ⋄ /',
  )
  expect(keyOf({ message: { template: null, formatted: 'user 17\nx' }, transaction: '/' })).toBe(
    'Log Message: user 17 ⋄ /',
  )
})

test('a synthetic exception is the function it broke in, else unknown', () => {
  const frames = [sampleFrame({ function: 'pay', package: '/opt/shop', inApp: true })]
  const crash = (of: typeof frames) => [sampleException('SIGSEGV', 'Segfault', of, { synthetic: true })]
  expect(keyOf({ platform: 'native', exceptions: crash(frames), transaction: '/' })).toBe('pay ⋄ /')
  expect(keyOf({ platform: 'native', exceptions: crash([]), transaction: '/' })).toBe('<unknown> ⋄ /')
})

test('an event that says nothing is unknown', () => {
  expect(keyOf({ transaction: '/' })).toBe('<unknown> ⋄ /')
})

test('types and values are cut where Bugsink cuts them', () => {
  const key = keyOf({ exceptions: [sampleException('T'.repeat(200), '😀'.repeat(2000))], transaction: '/' })
  expect(key).toBe(`${'T'.repeat(125)}...: ${'😀'.repeat(1021)}... ⋄ /`)
})
