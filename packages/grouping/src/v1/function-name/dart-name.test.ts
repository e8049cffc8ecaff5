import { expect, test } from 'vitest'
import { readDartName } from './dart-name.ts'

test.each([
  ['CartPage.build', 'CartPage.build'],
  ['CartPage.build.<anonymous closure>', 'CartPage.build'],
  ['CartPage.build.<anonymous closure>.<anonymous closure>', 'CartPage.build'],
  ['CartPage.build.<fn>', 'CartPage.build'],
  ['new Cart.from', 'Cart.from'],
  ['Cart.pay.pay$closure', 'Cart.pay'],
  ['<asynchronous suspension>', ''],
])('%s is %j', (name, read) => {
  expect(readDartName(name)).toBe(read)
})
