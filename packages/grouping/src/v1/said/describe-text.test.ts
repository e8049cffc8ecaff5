import type { Exception } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleEvent, sampleException } from '../../sample-event.ts'
import { describeTexts } from './describe-text.ts'

function texts(exceptions: readonly Exception[], platform = 'python') {
  return describeTexts(sampleEvent({ platform, exceptions }), exceptions[0] ?? null).map(({ text }) => text)
}

test('the type and the first line, without what varies', () => {
  expect(texts([sampleException('shop.OrderGone', 'order 17 is gone\nmore')])).toEqual(['OrderGone: order <*> is gone'])
  expect(texts([sampleException(null, 'no cart')])).toEqual(['<unknown>: no cart'])
})

test('of a chain, what came out and what its cause says', () => {
  const cause = sampleException('KeyError', 'no total')
  const middle = sampleException('CartError', 'no cart')
  const outer = sampleException('PayError', 'not paid')
  expect(texts([cause, middle, outer])).toEqual(['PayError: not paid', 'KeyError: no total'])
  expect(texts([sampleException('KeyError', ' '), outer])).toEqual(['PayError: not paid'])
  expect(texts([cause, sampleException('PayError', null)])).toEqual(['KeyError: no total'])
  expect(texts([sampleException('KeyError', null)])).toEqual([])
})

test('a database that names the constraint says the rest in its own language', () => {
  const violated = 'duplicate key value violates unique constraint "booking_slot_key"'
  expect(texts([sampleException('error', violated)])).toEqual([])
  expect(
    texts([sampleException('error', 'doppelter Schlüsselwert verletzt Unique-Constraint »booking_slot_key«')]),
  ).toEqual([])
  expect(texts([sampleException('error', 'the constraint was not kept')])).toEqual([
    'error: the constraint was not kept',
  ])
})

test('a type that stands in the text of a plain error is its type', () => {
  expect(texts([sampleException('Error', 'PaymentError: no money')])).toEqual(['PaymentError: no money'])
  expect(texts([sampleException('Error', 'Note: no money')])).toEqual(['Error: Note: no money'])
})

test('a script’s engine is heard in neutral words', () => {
  const exceptions = [sampleException('TypeError', "Cannot read property 'total' of undefined")]
  expect(texts(exceptions, 'javascript')).toEqual(['cannot read property total'])
  expect(texts(exceptions, 'python')).toEqual(["TypeError: Cannot read property 'total' of undefined"])
})

test('a name that the web’s compiler gave is no type', () => {
  expect(texts([sampleException('minified:aB', 'no cart')], 'dart')).toEqual(['no cart'])
})

test('a text about a system’s own code is in the language of the device', () => {
  expect(texts([sampleException('NSError', 'nicht verbunden', [], { code: 'NSURLErrorDomain -1009' })])).toEqual([])
})
