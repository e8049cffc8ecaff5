import { describe, expect, test } from 'vitest'
import { isSwiftName, readSwiftName } from './swift-name.ts'

describe('a function is what somebody wrote', () => {
  test.each([
    ['Cart.pay(order:)', 'Cart.pay(order:)'],
    ['Cart.pay(order:) -> Receipt', 'Cart.pay(order:)'],
    ['closure #1 in Cart.pay()', 'Cart.pay()'],
    ['closure #2 in closure #1 in Cart.pay()', 'Cart.pay()'],
    ['implicit closure #3 in Cart.pay()', 'Cart.pay()'],
    ['partial apply for closure #1 in Cart.pay()', 'Cart.pay()'],
    ['specialized Cart.pay()', 'Cart.pay()'],
    ['generic specialized Cart.pay()', 'Cart.pay()'],
    ['merged Cart.pay()', 'Cart.pay()'],
    ['static Cart.shared()', 'Cart.shared()'],
    ['@objc Cart.pay()', 'Cart.pay()'],
    ['(1) await resume partial function for Cart.pay()', 'Cart.pay()'],
    ['(2) suspend resume partial function for specialized Cart.pay()', 'Cart.pay()'],
    ['Cart.total.getter : Swift.Int', 'Cart.total'],
    ['Repository<Order>.find(id:)', 'Repository.find(id:)'],
  ])('%s is %s', (name, read) => {
    expect(isSwiftName(name)).toBe(true)
    expect(readSwiftName(name)).toBe(read)
  })
})

test.each([
  ['reabstraction thunk helper from @callee_guaranteed () -> ()'],
  ['thunk for @escaping @callee_guaranteed () -> ()'],
  ['outlined destroy of Cart'],
  ['protocol witness for Payable.pay() in conformance Cart'],
])('%s was written by nobody', (name) => {
  expect(readSwiftName(name)).toBe('')
})

test.each([['pay'], ['pay_order'], ['shop.pay']])('%s is not told from a function of C', (name) => {
  expect(isSwiftName(name)).toBe(false)
})
