import type { Frame } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import type { Family } from '../family.ts'
import { readPlainFrame } from './plain-frame.ts'

test.each<[Family, Partial<Frame>, string]>([
  ['python', { function: 'pay', filename: 'shop/cart.py', module: 'shop.cart' }, 'pay in cart.py'],
  ['python', { function: '<module>', filename: 'jobs/import.py', module: '__main__' }, '? in import.py'],
  ['python', { function: 'pay', module: 'shop.cart' }, 'pay in shop.cart'],
  ['python', { function: 'pay', module: '__main__' }, 'pay in ?'],
  ['python', { function: 'pay', module: '<string>' }, 'pay in ?'],
  ['ruby', { function: 'Order#pay', absPath: '/srv/app/models/order.rb' }, 'pay in order.rb'],
  ['php', { function: 'App\\Cart::pay', filename: '/app/Cart.php' }, 'App\\Cart::pay in Cart.php'],
  ['php', { filename: '/app/reports/monthly.php' }, '? in monthly.php'],
  // A package, of whatever version and wherever it is published.
  ['go', { function: '(*Cart).Pay', module: 'example.com/shop/cart', filename: 'x.go' }, 'Cart.Pay in cart'],
  ['go', { function: 'Pay', module: 'example.com/cart/v2', filename: 'x.go' }, 'Pay in cart'],
  ['go', { function: 'main', module: 'main' }, 'main in main'],
  ['go', { function: 'pay', filename: '/build/cart.go' }, 'pay in cart.go'],
  ['elixir', { function: 'Shop.Cart.pay/2', module: 'Shop.Cart', filename: 'cart.ex' }, 'pay/2 in Shop.Cart'],
  ['dart', { function: 'Cart.pay', filename: 'package:shop/cart.dart' }, 'Cart.pay in cart.dart'],
  // Flutter without symbols.
  ['dart', { imageOffset: '0x1f2e', package: '/data/app/libapp.so' }, '0x1f2e in libapp.so'],
])('%s: %j is %s', (family, fields, text) => {
  expect(readPlainFrame(sampleFrame(fields), family)?.text).toBe(text)
})

test('the script PHP began with is no place: what it includes and calls is above', () => {
  expect(readPlainFrame(sampleFrame({ filename: '/public/index.php' }), 'php')).toBeNull()
})

test('a frame of nothing names no code', () => {
  expect(readPlainFrame(sampleFrame({}), 'python')).toBeNull()
})
