import type { Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readScriptFrame } from './script-frame.ts'

function read(fields: Partial<Frame>) {
  return readScriptFrame(sampleFrame(fields))
}

/** As browsers have it: the whole address. */
function served(name: string | null, url: string) {
  return read({ function: name, filename: new URL(url).pathname, absPath: url })
}

describe('a function and its source', () => {
  test.each([
    ['https://shop.example/js/cart.js', 'pay in cart'],
    ['https://cdn.example/v2/cart.3f2a1b9c.js?v=2', 'pay in cart'],
    ['webpack://shop/./src/cart.ts', 'pay in cart'],
    ['webpack-internal:///(rsc)/./src/cart.tsx', 'pay in cart'],
    ['file:///srv/shop/dist/cart.mjs', 'pay in cart'],
  ])('%s', (url, text) => {
    expect(served('Cart.pay', url)).toEqual({ name: 'pay', text })
  })

  test('a bundle that only names the application is left out', () => {
    for (const bundle of ['main.3f2a1b9c.js', 'app.js', 'assets/index-BcD_1x2Y.js', '117.js']) {
      expect(served('pay', `https://shop.example/${bundle}`)).toEqual({ name: 'pay', text: 'pay' })
    }
    expect(read({ function: 'pay', filename: 'app:///index.android.bundle' })?.text).toBe('pay')
    expect(read({ function: 'pay', filename: '/data/.expo-internal/bundle-1769112800' })?.text).toBe('pay')
  })

  test('of Node, the module stands in for a file that is not told', () => {
    expect(read({ function: 'pay', module: 'services.billing:charge' })?.text).toBe('pay in charge')
    expect(read({ function: 'pay', module: 'chunks/charge' })?.text).toBe('pay in ?')
  })
})

describe('a minified name is none', () => {
  test('in a bundle', () => {
    expect(served('e.n', 'https://shop.example/js/cart.js')).toEqual({ name: null, text: '? in cart' })
    expect(served('t', 'https://shop.example/app.js')).toBeNull()
  })

  test('but in a source the name is what somebody wrote', () => {
    expect(served('t', 'webpack://shop/./src/cart.ts')).toEqual({ name: 't', text: 't in cart' })
  })
})

test('nothing is told by a page, a builtin, or a frame without function and file', () => {
  expect(served(null, 'https://shop.example/orders/17')).toBeNull()
  expect(served('toggle', 'https://shop.example/orders/17')).toEqual({ name: 'toggle', text: 'toggle in ?' })
  expect(read({ function: 'Array.map', filename: '<anonymous>' })).toBeNull()
  expect(read({})).toBeNull()
})
