import { describe, expect, test } from 'vitest'
import { readPhpName } from './php-name.ts'

describe('a function is what somebody wrote', () => {
  test.each([
    ['pay', 'pay'],
    ['App\\Cart::pay', 'App\\Cart::pay'],
    ['App\\pay', 'App\\pay'],
    // Closures since PHP 8.4.
    ['{closure:App\\Cart::pay():12}', 'App\\Cart::pay'],
    ['{closure:{closure:App\\Cart::pay():12}:14}', 'App\\Cart::pay'],
    // Anonymous classes.
    ['class@anonymous/app/cart.php:12$0::pay', 'class@anonymous::pay'],
    ['class@anonymous/app/cart.php:77$3f::pay', 'class@anonymous::pay'],
    ['class@anonymous', 'class@anonymous'],
    // Twig.
    ['__TwigTemplate_0123456789abcdef0123456789abcdef::doDisplay', 'TwigTemplate::doDisplay'],
    ['__TwigTemplate_89abcdef0123456701234567deadbeef___1::block_body', 'TwigTemplate::block_body'],
    // Doctrine's and Symfony's proxies.
    ['Proxies\\__CG__\\App\\Order::pay', 'App\\Order::pay'],
    ['OrderService_1a2b3c4Proxy::pay', 'OrderService::pay'],
  ])('%s is %s', (name, read) => {
    expect(readPhpName(name)).toBe(read)
  })
})

test.each([
  ['{closure}'],
  ['App\\{closure}'],
  ['App\\Cart::App\\{closure}'],
  ['{closure:/app/index.php:3}'],
  ['[Anonymous function]'],
])('%s names no function', (name) => {
  expect(readPhpName(name)).toBe('')
})
