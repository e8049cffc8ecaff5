import type { Exception } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { readLogMessage } from './log-message.ts'

const FRAMES = [sampleFrame({ function: 'pay', filename: 'cart.js' })]

function read(template: string | null, formatted: string, exceptions: readonly Exception[] = [], platform = 'node') {
  return readLogMessage(sampleEvent({ platform, message: { template, formatted }, exceptions }))
}

test('a message is its text, and its template where that is another text', () => {
  expect(read('user %s', 'user 17')).toEqual({ template: 'user %s', text: 'user 17' })
  expect(read('user', 'user')).toEqual({ template: null, text: 'user' })
  expect(read(null, ' user ')).toEqual({ template: null, text: 'user' })
  expect(read('user %s', ' ')).toEqual({ template: null, text: 'user %s' })
  expect(read(null, ' ')).toBeNull()
})

test('an exception without a type is the stack of a message, one with a type is a failure', () => {
  expect(read(null, 'no cart', [sampleException(null, 'no cart', FRAMES)])?.text).toBe('no cart')
  expect(read(null, 'no cart', [sampleException('Error', 'no cart', FRAMES)])).toBeNull()
})

test('a message that looks like a type and its value stays one, of JavaScript', () => {
  const echo = sampleException('Cart', 'not saved', FRAMES, { synthetic: true })
  expect(read(null, 'Cart: not saved', [echo])?.text).toBe('Cart: not saved')
  expect(read(null, 'Cart: not saved', [echo], 'python')).toBeNull()
  expect(read(null, 'Other: not saved', [echo])).toBeNull()
  expect(read(null, 'Cart: not saved', [{ ...echo, mechanism: null }])?.text).toBe('Cart: not saved')
  const real = sampleException('Cart', 'not saved', FRAMES, { synthetic: false })
  expect(read(null, 'Cart: not saved', [real])).toBeNull()
})

test('without a message the value of an attached stack is one', () => {
  const attached = sampleException(null, 'no cart', FRAMES, { synthetic: true })
  expect(readLogMessage(sampleEvent({ exceptions: [attached] }))).toEqual({ template: null, text: 'no cart' })
  expect(readLogMessage(sampleEvent({ exceptions: [sampleException(null, 'no cart')] }))).toBeNull()
  expect(readLogMessage(sampleEvent({}))).toBeNull()
})
