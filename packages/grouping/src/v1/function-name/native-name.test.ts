import { expect, test } from 'vitest'
import { readNativeName } from './native-name.ts'

test.each([
  // Each of its languages; their own tests have the details.
  ['-[Cart payWithOrder:error:]', '-[Cart payWithOrder:error:]'],
  ['+[Cart shared]', '+[Cart shared]'],
  ['__27-[Cart payWithOrder:error:]_block_invoke', '-[Cart payWithOrder:error:]'],
  ['__27-[Cart payWithOrder:error:]_block_invoke_2', '-[Cart payWithOrder:error:]'],
  ['___ZN4shop3payEv_block_invoke', '___ZN4shop3payEv_block_invoke'],
  ['Cart_Pay_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567', 'Cart_Pay'],
  ['Cart_Pay_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567_gshared', 'Cart_Pay'],
  ['_ZN4shop4Cart3payEv', 'shop::Cart::pay'],
  ['_Zbroken', '_Zbroken'],
  ['closure #1 in Cart.pay()', 'Cart.pay()'],
  ['shop::Cart::pay(shop::Order const&)', 'shop::Cart::pay'],
  ['  pay  ', 'pay'],
])('%s is %s', (name, read) => {
  expect(readNativeName(name)).toBe(read)
})
