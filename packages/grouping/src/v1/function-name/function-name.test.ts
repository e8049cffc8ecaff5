import { expect, test } from 'vitest'
import type { Family } from '../family.ts'
import { readFunctionName } from './function-name.ts'

test.each<[Family, string, string]>([
  ['javascript', 'async Cart.pay [as submit]', 'pay'],
  ['python', 'Cart.pay', 'pay'],
  ['ruby', 'rescue in block (2 levels) in pay', 'pay'],
  ['go', '(*Server).pay.func2.1', 'Server.pay'],
  ['jvm', 'lambda$pay$3', 'pay'],
  ['jvm', '<init>', '<init>'],
  ['php', '{closure:App\\Cart::pay():12}', 'App\\Cart::pay'],
  ['dotnet', '<PayAsync>d__12.MoveNext', 'PayAsync'],
  ['native', 'shop::pay::h0123456789abcdef', 'shop::pay'],
  ['dart', 'Cart.pay.<anonymous closure>', 'Cart.pay'],
  ['elixir', 'anonymous fn/1 in Shop.Cart.pay/2', 'pay/2'],
  // A platform nobody knows.
  ['other', 'pay', 'pay'],
  ['other', 'shop::pay::{{closure}}', 'shop::pay'],
  ['other', '-[Cart pay]', '-[Cart pay]'],
  ['other', '_ZN4shop3payEv', 'shop::pay'],
  ['other', '<PayAsync>d__12.MoveNext', 'PayAsync'],
  ['other', ' pay ', 'pay'],
])('%s: %s is %s', (family, name, read) => {
  expect(readFunctionName(name, family)).toBe(read)
})

test.each<[Family, string]>([
  ['javascript', '?'],
  ['javascript', 'Cart.<anonymous>'],
  ['javascript', 'anonymous'],
  ['javascript', '(anonymous)'],
  ['javascript', 'global code'],
  ['javascript', 'module code'],
  ['javascript', 'eval'],
  ['javascript', 'anonymous function'],
  ['python', '<module>'],
  ['python', '<lambda>'],
  ['python', '<listcomp>'],
  ['ruby', '<main>'],
  ['ruby', '<top (required)>'],
  ['ruby', 'block in <class:Order>'],
  ['go', 'glob..func1'],
  ['php', '{main}'],
  ['php', '{closure}'],
  ['php', 'class@anonymous'],
  ['native', '<unknown>'],
  ['dart', '<asynchronous suspension>'],
  ['other', '??'],
  ['other', ''],
])('%s: %j names no function', (family, name) => {
  expect(readFunctionName(name, family)).toBeNull()
})

test('a frame without a function has no name', () => {
  expect(readFunctionName(null, 'python')).toBeNull()
})
