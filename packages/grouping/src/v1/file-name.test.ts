import { describe, expect, test } from 'vitest'
import { readFileName } from './file-name.ts'

describe('a script’s name is the same in every build', () => {
  test.each([
    ['main.3f2a1b9c.js', 'main.js'],
    ['main.3f2a1b9c.chunk.js', 'main.chunk.js'],
    ['index-BcD_1x2Y.js', 'index.js'],
    ['index-Bc-D1x2Y.mjs', 'index.mjs'],
    ['index-DiwrgTda.js', 'index.js'],
    ['chunk-K7Q2M4ZT.js', 'chunk.js'],
    ['_app-0123456789abcdef.js', '_app.js'],
    ['4f2c8d1e9a0b4f2c.js', '*.js'],
    ['117.js', '*.js'],
    ['jquery-3.7.1.min.js', 'jquery.js'],
    ['vendors~checkout.99e0d7aa.js', 'vendors~checkout.js'],
  ])('%s', (file, name) => {
    expect(readFileName(`https://cdn.example/${file}`, 'javascript').text).toBe(name)
  })

  test.each([['user-settings.js'], ['user-Settings.js'], ['facade.js'], ['cart.service.js'], ['my-two-words.js']])(
    '%s holds no hash',
    (file) => {
      expect(readFileName(`https://cdn.example/${file}`, 'javascript').text).toBe(file)
    },
  )

  test('a source’s name is a person’s choice and stays', () => {
    expect(readFileName('webpack://shop/./src/user-DataGrid.tsx', 'javascript').text).toBe('src/user-DataGrid.tsx')
    expect(readFileName('app/views/cart-20240131.py', 'python').text).toBe('app/views/cart-20240131.py')
  })
})

describe('a path keeps what is the code’s own', () => {
  test.each([
    ['https://a.example:8080/js/cart.js?v=1#x', 'javascript', 'bundle', 'js/cart.js'],
    ['https://a.example/1.4.2/cart.js', 'javascript', 'bundle', '*/cart.js'],
    ['app:///index.android.bundle', 'javascript', 'bundle', 'index.android.bundle'],
    ['webpack:///./src/a.ts', 'javascript', 'source', 'src/a.ts'],
    ['webpack-internal:///(rsc)/./src/a.ts', 'javascript', 'source', 'src/a.ts'],
    ['file:///srv/shop/dist/cart.js', 'javascript', 'bundle', 'dist/cart.js'],
    ['/srv/shop/dist/cart.js', 'javascript', 'source', 'dist/cart.js'],
    ['C:\\shop\\dist\\cart.js', 'javascript', 'source', 'dist/cart.js'],
    ['C:\\cart.cs', 'other', 'source', 'cart.cs'],
    ['./app/models/order.rb', 'ruby', 'source', 'app/models/order.rb'],
    ['/var/releases/20240131120000/index.php', 'php', 'source', '*/index.php'],
    ['C#/cart.cs', 'other', 'source', 'C#/cart.cs'],
  ] as const)('%s', (path, family, kind, text) => {
    expect(readFileName(path, family)).toEqual({ kind, text })
  })

  test.each([
    ['https://a.example/orders/17'],
    ['https://a.example/'],
    ['https://a.example'],
    ['blob:https://a.example/0c9e7f64-2f0b-4f6e-9a51-7f3e1c0d2b4a'],
  ])('%s is a page', (path) => {
    expect(readFileName(path, 'javascript')).toEqual({ kind: 'page', text: null })
  })

  test.each([['<anonymous>'], ['[native code]'], ['native'], ['eval code'], [''], ['data:text/javascript,1'], ['/']])(
    '%j is no place',
    (path) => {
      expect(readFileName(path, 'javascript')).toEqual({ kind: 'builtin', text: null })
    },
  )
})
