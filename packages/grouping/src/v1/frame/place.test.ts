import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

test('a place is a function in a file, or half of it', () => {
  expect(placeOf('pay', 'cart.py')).toEqual({ name: 'pay', text: 'pay in cart.py' })
  expect(placeOf(null, 'cart.py')).toEqual({ name: null, text: '? in cart.py' })
  expect(placeOf('pay', null)).toEqual({ name: 'pay', text: 'pay in ?' })
  expect(placeOf(null, null)).toBeNull()
})
