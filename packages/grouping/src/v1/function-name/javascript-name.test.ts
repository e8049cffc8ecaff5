import { describe, expect, test } from 'vitest'
import { isMinified, readJavaScriptName } from './javascript-name.ts'

describe('a function has one name in every engine, bundler and framework', () => {
  test.each([
    // Chrome and Node.
    ['Cart.pay', 'pay'],
    ['Cart.prototype.pay', 'pay'],
    ['async Cart.pay', 'pay'],
    ['async Cart.pay [as submit]', 'pay'],
    ['new Cart', 'Cart'],
    ['async Promise.all (index 0)', 'all'],
    ['Cart.#pay', '#pay'],
    ['get total', 'total'],
    // Firefox.
    ['async*pay', 'pay'],
    ['promise callback*pay', 'pay'],
    // Safari and Hermes.
    ['pay', 'pay'],
    ['Cart.pay', 'pay'],
    // webpack, esbuild and Rollup number what has the same name.
    ['pay$1', 'pay'],
    ['init$23', 'init'],
    // Angular's templates.
    ['OrderComponent_div_5_Template', 'OrderComponent_div_Template'],
    ['OrderComponent_div_12_Template', 'OrderComponent_div_Template'],
    ['OrderComponent_button_3_Listener', 'OrderComponent_button_Listener'],
    // Vue's and Svelte's.
    ['_sfc_render12', 'render'],
    ['_sfc_setup', 'setup'],
    ['Proxy.render', 'render'],
    ['Array.create_each_block', 'create_each_block'],
    // A dollar that somebody wrote.
    ['$onInit', '$onInit'],
    ['$1', '$1'],
    ['load$', 'load$'],
  ])('%s is %s', (name, read) => {
    expect(readJavaScriptName(name)).toBe(read)
  })
})

describe('what names no function', () => {
  test.each([
    ['pay/<', 'Firefox, within pay'],
    ['pay/</<', 'Firefox, within that'],
    ['./src/cart.js', 'webpack, a module'],
    ['Object../src/cart.ts', 'webpack, a module'],
    ['Object.88491', 'webpack, a module by number'],
    ['__webpack_modules__.117', 'webpack, a module by number'],
    ['_callee2$', 'Babel, a generator'],
    ['callee$', 'Babel, a generator'],
  ])('%s (%s)', (name) => {
    expect(readJavaScriptName(name)).toBe('')
  })
})

test.each([['t'], ['Xr'], ['$'], ['_0x4f2c'], ['minified:aB']])('%s is a minifier’s name', (name) => {
  expect(isMinified(name)).toBe(true)
})

test.each([['pay'], ['run'], ['_id']])('%s is a person’s name', (name) => {
  expect(isMinified(name)).toBe(false)
})
