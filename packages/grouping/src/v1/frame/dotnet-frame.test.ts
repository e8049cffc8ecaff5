import type { Frame } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readDotnetFrame } from './dotnet-frame.ts'

test.each<[Partial<Frame>, string]>([
  [{ module: 'Shop.Cart', function: 'Pay' }, 'Pay in Cart'],
  [{ module: 'Cart', function: 'Pay' }, 'Pay in Cart'],
  [{ module: 'Shop.Cart+<PayAsync>d__12', function: 'MoveNext' }, 'PayAsync in Cart'],
  [{ module: 'Shop.Cart', function: '<PayAsync>d__12.MoveNext' }, 'PayAsync in Cart'],
  [{ module: 'Shop.Cart+<>c__DisplayClass3_0', function: '<Pay>b__1' }, 'Pay in Cart'],
  // Unity.
  [{ function: 'Shop.Cart.Pay (Shop.Order order)' }, 'Pay in Cart'],
  [{ function: 'Pay', filename: 'C:\\shop\\Cart.cs' }, 'Pay in Cart.cs'],
])('%j is %s', (fields, text) => {
  expect(readDotnetFrame(sampleFrame(fields))?.text).toBe(text)
})

test('code over any type was written for its callers', () => {
  expect(readDotnetFrame(sampleFrame({ module: 'Shop.Repository`1', function: 'Find' }))).toEqual({
    name: 'Find',
    text: 'Find in Repository',
    isShared: true,
  })
  expect(readDotnetFrame(sampleFrame({ module: 'Shop.Cart', function: 'Find' }))?.isShared).toBe(false)
})

test('a frame of nothing names no code', () => {
  expect(readDotnetFrame(sampleFrame({}))).toBeNull()
})
