import { expect, test } from 'vitest'
import { readMangledName } from './mangled-name.ts'

test.each([
  ['_ZN4shop4Cart3payEv', 'shop::Cart::pay'],
  ['__ZN4shop4Cart3payEv', 'shop::Cart::pay'],
  ['_ZNK4shop4Cart5totalEi', 'shop::Cart::total'],
  ['_Z3payRKN4shop5OrderE', 'pay'],
  ['_ZN4shop12_GLOBAL__N_13payEv', 'shop::{anonymous}::pay'],
  ['_ZN4shop4cart3pay17h0123456789abcdefE', 'shop::cart::pay'],
])('%s is %s', (symbol, read) => {
  expect(readMangledName(symbol)).toBe(read)
})

test.each([['_ZN'], ['_Z'], ['_ZNSt6vectorE'], ['_ZN99shopE'], ['_Z99pay']])('%s is spelled otherwise', (symbol) => {
  expect(readMangledName(symbol)).toBeNull()
})
