import { expect, test } from 'vitest'
import { readThing } from './thing.ts'

test.each([
  ['#PID<0.1234.0> is', '#PID<0.1234.0>'],
  ['#Reference<0.1.2.3> is', '#Reference<0.1.2.3>'],
  ['#<Order:0x00007f8b @id=1> is', '#<Order:0x00007f8b @id=1>'],
  ['/var/lib/shop/17.png is', '/var/lib/shop/17.png'],
  ['/home/bob/x, then', '/home/bob/x'],
])('of %s the thing is %s', (text, thing) => {
  expect(text.slice(0, readThing(text, 0)?.end)).toBe(thing)
})

test.each([['/orders/17'], ['#17'], ['#<Order id: 1>'], ['/'], ['/var/']])('%s is none', (text) => {
  expect(readThing(text, 0)).toBeNull()
})

test('a path within a word is part of it', () => {
  expect(readThing('x/var/lib/y', 1)).toBeNull()
})
