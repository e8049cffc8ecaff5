import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

/** The key of an event under strategy `stack`. These lines change only together with the mechanism's name. */
function keyOf(fields: Parameters<typeof sampleEvent>[0]): string {
  return groupV1(sampleEvent(fields), 'stack').key
}

/** A browser frame as the SDK sends it: no module, always in the application. */
function served(name: string, url: string) {
  return sampleFrame({ function: name, filename: url, absPath: url, line: 1, column: 48213, inApp: true })
}

/** A Node frame: absolute path, module made of directory and file. */
function local(name: string, path: string, module: string, inApp = true) {
  return sampleFrame({ function: name, filename: path, absPath: path, module, line: 12, column: 9, inApp })
}

const BUNDLE = 'https://shop.example/assets/index-BcD_1x2Y.js?v=17'

describe('keys of browser events', () => {
  test('an error in a Vite bundle', () => {
    const frames = [served('HTMLButtonElement.onClick', BUNDLE), served('Cart.pay', BUNDLE)]
    const exceptions = [sampleException('TypeError', "Cannot read properties of undefined (reading 'total')", frames)]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe('TypeError ⋄ pay')
  })

  test('an error in a bundle whose names are all minified', () => {
    const frames = [served('e.n', BUNDLE), served('Xt', BUNDLE), served('?', BUNDLE)]
    const exceptions = [sampleException('TypeError', "Cannot read properties of undefined (reading 'total')", frames)]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe('cannot read property total')
  })

  test('an error whose frames were mapped back to sources', () => {
    const frames = [
      served('Array.map', '<anonymous>'),
      served('t', 'webpack://shop/./src/cart/total.ts?8f3a'),
      served('<anonymous>', 'webpack-internal:///(rsc)/./src/cart/pay.ts'),
    ]
    const exceptions = [sampleException('RangeError', 'Invalid amount -3', frames)]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe('RangeError: Invalid amount <*> ⋄ ? in pay')
  })

  test('captureMessage with a stack attached', () => {
    const frames = [served('Cart.pay', BUNDLE)]
    const exceptions = [sampleException(null, 'Payment 4711 failed', frames, { synthetic: true })]
    expect(
      keyOf({ platform: 'javascript', exceptions, message: { template: null, formatted: 'Payment 4711 failed' } }),
    ).toBe('Log Message: Payment <*> failed')
  })

  test('a thrown string', () => {
    const frames = [served('Cart.pay', BUNDLE)]
    const exceptions = [sampleException('Error', 'out of stock', frames, { synthetic: true })]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe('pay')
  })

  test('a promise rejected with no error', () => {
    const value = 'Non-Error promise rejection captured with value: 503'
    const exceptions = [sampleException('UnhandledRejection', value, [], { synthetic: true, handled: false })]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe(
      'UnhandledRejection: Non-Error promise rejection captured with value: <*>',
    )
  })

  test('an inline script', () => {
    const frames = [
      served('?', 'https://shop.example/users/alice/orders/17'),
      served('toggle', 'https://shop.example/'),
    ]
    const exceptions = [sampleException('ReferenceError', 'menu is not defined', frames)]
    expect(keyOf({ platform: 'javascript', exceptions })).toBe('ReferenceError is not defined menu ⋄ toggle in ?')
  })
})

describe('keys of Node events', () => {
  const internal = sampleFrame({
    function: 'process.processTicksAndRejections',
    filename: 'node:internal/process/task_queues',
  })

  test('an error with a cause', () => {
    const thrown = [internal, local('async Server.handle', '/srv/shop/dist/server.js', 'server')]
    const caused = [
      ...thrown,
      local('Billing.charge [as run]', '/srv/shop/dist/services/billing.js', 'services:billing'),
    ]
    const exceptions = [
      sampleException('TypeError', 'fetch failed', caused),
      sampleException('PaymentError', 'order 5', thrown),
    ]
    expect(keyOf({ platform: 'node', exceptions })).toBe('TypeError ⋄ charge in billing')
  })

  test('an error thrown at the top level of a script', () => {
    const frames = [internal, local('Object.<anonymous>', '/srv/shop/server.js', 'server')]
    const exceptions = [sampleException('Error', 'no port 3000', frames)]
    expect(keyOf({ platform: 'node', exceptions })).toBe('Error: no port <*> ⋄ ? in server')
  })

  test('an error whose stack is all libraries', () => {
    const axios = local('settle', '/srv/shop/node_modules/axios/lib/core/settle.js', 'axios.lib.core:settle', false)
    const exceptions = [sampleException('AxiosError', 'Request failed with status code 404', [internal, axios])]
    expect(keyOf({ platform: 'node', exceptions })).toBe('AxiosError: Request failed with status code 404 ⋄ status 404')
  })

  test('an error of the runtime', () => {
    const exceptions = [sampleException('Error', 'connect ECONNREFUSED 127.0.0.1:5432', [internal])]
    expect(keyOf({ platform: 'node', exceptions })).toBe('Error: connect ECONNREFUSED <*> ⋄ ECONNREFUSED')
  })

  test('a group of errors', () => {
    const exceptions = [
      sampleException('TypeError', 'b', [], { exceptionId: 2, parentId: 0 }),
      sampleException('RangeError', 'a', [], { exceptionId: 1, parentId: 0 }),
      sampleException('AggregateError', 'All promises were rejected', [], { exceptionId: 0, isExceptionGroup: true }),
    ]
    expect(keyOf({ platform: 'node', exceptions })).toBe('AggregateError: All promises were rejected ⋄ RangeError: a')
  })
})
