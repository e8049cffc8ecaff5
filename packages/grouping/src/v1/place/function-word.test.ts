import { expect, test } from 'vitest'
import { functionWord } from './function-word.ts'

test.each([
  ['pay', 'pay'],
  ['Cart.pay', 'pay'],
  ['App\\Cart::pay', 'pay'],
  ['shop::Cart::pay<T>', 'pay'],
  ['Cart.pay(order:)', 'pay'],
  ['pay!/2', 'pay!'],
  ['bezahlen_für', 'bezahlen_für'],
  ['$onInit', '$onInit'],
])('of %s it is %s', (name, word) => {
  expect(functionWord(name)).toBe(word)
})

test('a name of a megabyte is read at its end', () => {
  expect(functionWord(`${'a'.repeat(1_000_000)}.pay`)).toBe('pay')
})
