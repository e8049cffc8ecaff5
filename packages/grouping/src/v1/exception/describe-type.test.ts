import { expect, test } from 'vitest'
import { sampleException } from '../../sample-event.ts'
import { describeType } from './describe-type.ts'

const PLACED = { isPlaced: true, neutral: null }

test('the type of the cause, as it is everywhere', () => {
  const root = sampleException('com.example.PaymentException', 'x')
  expect(describeType(root, PLACED)).toEqual([
    { kind: 'type', source: 'com.example.PaymentException', text: 'PaymentException', reason: 'the type of the cause' },
  ])
})

test('none where there is none', () => {
  expect(describeType(null, PLACED)).toEqual([])
  expect(describeType(sampleException(null, 'x'), PLACED)).toEqual([])
  expect(describeType(sampleException(' ', 'x'), PLACED)).toEqual([])
})

test('left out where the SDK made it up, and a signal where a place is known', () => {
  expect(describeType(sampleException('Error', 'x', [], { synthetic: true }), PLACED)).toMatchObject([{ text: null }])
  expect(describeType(sampleException('SIGSEGV', 'x'), PLACED)).toMatchObject([{ text: null }])
  expect(describeType(sampleException('SIGSEGV', 'x'), { ...PLACED, isPlaced: false })).toMatchObject([
    { text: 'SIGSEGV' },
  ])
})

test.each([
  ['RangeError', 'stack overflow', 'stack overflow'],
  ['InternalError', 'stack overflow', 'stack overflow'],
  ['QuotaExceededError', 'storage is full', 'storage is full'],
  ['ReferenceError', 'is not defined cart', 'ReferenceError is not defined cart'],
  ['TypeError', 'cannot read property total', 'TypeError'],
])('%s of %j is %j', (type, neutral, text) => {
  expect(describeType(sampleException(type, 'x'), { isPlaced: true, neutral })).toMatchObject([{ text }])
})
