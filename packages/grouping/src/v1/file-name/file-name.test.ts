import { describe, expect, test } from 'vitest'
import { readFileName } from './file-name.ts'

describe('a path keeps what is the code’s own', () => {
  test.each([
    ['https://a.example:8080/js/cart.js?v=1#x', 'javascript', 'bundle', 'cart.js'],
    ['https://a.example/1.4.2/index.js', 'javascript', 'bundle', '*/index.js'],
    ['https://a.example/assets/index-BcD_1x2Y.js', 'javascript', 'bundle', 'assets/index.js'],
    ['app:///index.android.bundle', 'javascript', 'bundle', 'index.android.bundle'],
    ['app:///main.jsbundle', 'javascript', 'bundle', 'main.jsbundle'],
    ['/data/shop/index.android.bundle', 'javascript', 'bundle', 'shop/index.android.bundle'],
    ['/srv/dist/4f2c8d1e9a0b4f2c.js', 'javascript', 'bundle', 'dist/*.js'],
    ['webpack:///./src/cart.ts', 'javascript', 'source', 'cart.ts'],
    ['webpack-internal:///(rsc)/./src/index.ts', 'javascript', 'source', 'src/index.ts'],
    ['turbopack:///[project]/src/cart.ts', 'javascript', 'source', 'cart.ts'],
    ['file:///srv/shop/dist/cart.js', 'javascript', 'bundle', 'cart.js'],
    ['/srv/shop/dist/cart.js', 'javascript', 'source', 'cart.js'],
    ['/srv/shop/dist/cart.js?x=1', 'javascript', 'source', 'cart.js'],
    ['C:\\shop\\dist\\cart.js', 'javascript', 'source', 'cart.js'],
    ['C:\\shop\\index.php', 'php', 'source', 'shop/index.php'],
    ['app/models/order.rb', 'ruby', 'source', 'order.rb'],
    ['C#/cart.cs', 'other', 'source', 'cart.cs'],
    ['package:shop/cart.dart', 'dart', 'source', 'cart.dart'],
  ] as const)('%s (%s)', (path, family, kind, text) => {
    expect(readFileName(path, family)).toEqual({ kind, text })
  })

  test.each([
    ['https://a.example/orders/17'],
    ['https://a.example/index.html'],
    ['https://a.example/'],
    ['https://a.example'],
    ['blob:https://a.example/0c9e7f64-2f0b-4f6e-9a51-7f3e1c0d2b4a'],
  ])('%s is a page', (path) => {
    expect(readFileName(path, 'javascript')).toEqual({ kind: 'page', text: null })
  })

  test.each([
    ['<anonymous>'],
    ['[native code]'],
    ['native'],
    ['native code'],
    ['eval code'],
    ['unknown'],
    [''],
    ['data:text/javascript,1'],
    ['/'],
  ])('%j is no place', (path) => {
    expect(readFileName(path, 'javascript')).toEqual({ kind: 'builtin', text: null })
  })
})
