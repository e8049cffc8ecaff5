import { expect, test } from 'vitest'
import { readElixirName } from './elixir-name.ts'

test.each([
  ['Shop.Cart.pay/2', 'pay/2'],
  ['pay!/2', 'pay!/2'],
  ['anonymous fn/1 in Shop.Cart.pay/2', 'pay/2'],
  ['-pay/2-fun-0-', 'pay/2'],
  ['Shop.Cart."-pay/2-fun-0-"/1', 'pay/2'],
  ['-fun.pay/2-', 'pay/2'],
  [':lists.map/2', 'map/2'],
])('%s is %s', (name, read) => {
  expect(readElixirName(name)).toBe(read)
})
