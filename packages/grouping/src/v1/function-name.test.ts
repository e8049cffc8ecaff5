import { expect, test } from 'vitest'
import type { Family } from './family.ts'
import { readFunctionName } from './function-name.ts'

test.each<[Family, string, string | null]>([
  ['javascript', 'Cart.prototype.pay', 'pay'],
  ['javascript', 'async Cart.pay [as submit]', 'pay'],
  ['javascript', 'async*pay', 'pay'],
  ['javascript', 'async Promise.all (index 0)', 'all'],
  ['javascript', 'pay$1', 'pay'],
  ['javascript', '$1', '$1'],
  ['javascript', '#pay', '#pay'],
  ['javascript', 'pay/</<', null],
  ['javascript', './src/cart.js', null],
  ['javascript', 'Object.88491', null],
  ['javascript', '_callee2$', null],
  ['javascript', 'Cart.<anonymous>', null],
  ['javascript', 'ok', 'ok'],
  ['python', 'pay.<locals>.<lambda>', 'pay'],
  ['python', '<module>', null],
  ['python', '<listcomp>', null],
  ['ruby', 'rescue in block (2 levels) in pay', 'pay'],
  ['ruby', 'Order#pay!', 'pay!'],
  ['ruby', '<top (required)>', null],
  ['ruby', '_show_erb__1234567_8901', '_show_erb'],
  ['go', '(*Server).pay.func2.1', '(*Server).pay'],
  ['go', 'pay.gowrap1', 'pay'],
  ['go', '(*Server).pay-fm', '(*Server).pay'],
  ['go', 'glob..func1', null],
  ['jvm', 'lambda$pay$3', 'pay'],
  ['jvm', 'pay$lambda$3', 'pay'],
  ['jvm', 'access$000', 'access'],
  ['jvm', '<init>', '<init>'],
  ['php', 'App\\Cart::{closure}', 'App\\Cart'],
  ['php', '{closure:App\\Cart::pay():12}', 'App\\Cart::pay'],
  ['php', '{closure:{closure:App\\Cart::pay():12}:14}', 'App\\Cart::pay'],
  ['php', '{closure:/app/index.php:3}', null],
  ['php', '{closure}', null],
  ['php', 'class@anonymous/app/cart.php:12$0::pay', 'class@anonymous::pay'],
  ['other', 'shop::pay::h0123456789abcdef', 'shop::pay'],
  ['other', 'shop::pay::{{closure}}', 'shop::pay'],
  ['other', '<PayAsync>d__12.MoveNext', 'PayAsync'],
  ['other', '?', null],
])('%s: %s', (family, name, read) => {
  expect(readFunctionName(name, family, false)).toBe(read)
})

test.each([['t'], ['Xr'], ['e.n'], ['_0x4f2c'], ['q.$']])('%s is a minifier’s name', (name) => {
  expect(readFunctionName(name, 'javascript', true)).toBeNull()
})
