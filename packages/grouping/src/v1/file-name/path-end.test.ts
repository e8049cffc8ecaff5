import { describe, expect, test } from 'vitest'
import { readPathEnd } from './path-end.ts'

test('a file is its name, wherever it lies', () => {
  expect(readPathEnd('/srv/shop/src/cart.py', false)).toBe('cart.py')
  expect(readPathEnd('cart.py', false)).toBe('cart.py')
  expect(readPathEnd('/srv/shop/', false)).toBeNull()
})

describe('a name that every second directory has goes with its directory', () => {
  test.each([
    ['shop/cart/__init__.py', 'cart/__init__.py'],
    ['shop/orders/views.py', 'orders/views.py'],
    ['shop/orders/models.py', 'orders/models.py'],
    ['app/checkout/page.tsx', 'checkout/page.tsx'],
    ['src/routes/cart/+page.svelte', 'cart/+page.svelte'],
    ['app/views/orders/_form.html.erb', 'orders/_form.html.erb'],
    ['src/billing/mod.rs', 'billing/mod.rs'],
    ['src/billing/index.test.js', 'billing/index.test.js'],
    ['index.js', 'index.js'],
    ['/index.js', 'index.js'],
    ['./index.js', 'index.js'],
    ['../index.js', 'index.js'],
    // Which layer of a bundler it was built for, and the drive, are no directories.
    ['(rsc)/index.ts', 'index.ts'],
    ['C:/index.php', 'index.php'],
  ])('%s is %s', (path, read) => {
    expect(readPathEnd(path, false)).toBe(read)
  })

  test.each([
    ['releases/20240131120000/index.php', '*/index.php'],
    ['releases/1.4.2/index.php', '*/index.php'],
    ['releases/v1.4.2-rc1/index.php', '*/index.php'],
    ['chunks/3f2a1b9c/index.php', '*/index.php'],
    ['static/aB3dE5fG7hJ9kL1mN3pQ5/index.php', '*/index.php'],
    // A person's: of an interface, which has a version, or with a number in it.
    ['api/v2/index.php', 'v2/index.php'],
    ['shop/step2/index.php', 'step2/index.php'],
  ])('%s is %s', (path, read) => {
    expect(readPathEnd(path, false)).toBe(read)
  })
})

test('only what a bundler writes is searched for a hash', () => {
  expect(readPathEnd('js/cart.3f2a1b9c.js', true)).toBe('cart.js')
  expect(readPathEnd('js/cart.3f2a1b9c.mjs', true)).toBe('cart.mjs')
  expect(readPathEnd('src/user-DataGrid.tsx', true)).toBe('user-DataGrid.tsx')
  expect(readPathEnd('views/cart-20240131.py', false)).toBe('cart-20240131.py')
})
