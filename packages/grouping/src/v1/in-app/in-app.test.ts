import type { Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import type { Family } from '../family.ts'
import { isInApp, ownFrames } from './in-app.ts'

const LIBRARY: readonly [Family, Partial<Frame>][] = [
  ['javascript', { filename: '/srv/shop/node_modules/express/index.js' }],
  ['javascript', { filename: 'C:\\shop\\node_modules\\express\\index.js' }],
  ['javascript', { filename: '/srv/dist/main.js', function: 'sentryWrapped' }],
  ['go', { module: 'github.com/gin-gonic/gin', filename: 'context.go' }],
  ['dotnet', { function: 'UnityEngine.Events.InvokableCall.Invoke ()', filename: 'x.cs' }],
  ['native', { function: 'std::sort', package: '/opt/shop/bin/shop' }],
  ['native', { function: 'helper', package: '/usr/lib/libfoo.so' }],
  ['elixir', { module: 'Phoenix.Router', filename: 'lib/phoenix/router.ex' }],
  ['dart', { filename: 'package:flutter/src/widgets/framework.dart' }],
]

describe('an SDK’s no is a no, whatever the place', () => {
  test.each<[Family, Partial<Frame>]>([
    ['javascript', { filename: '/srv/src/x.js' }],
    ['python', { filename: 'shop/x.py' }],
    ['native', { function: 'pay', package: '/opt/shop' }],
  ])('%s', (family, fields) => {
    expect(isInApp(sampleFrame({ ...fields, inApp: false }), family)).toBe(false)
    expect(isInApp(sampleFrame({ ...fields, inApp: null }), family)).toBe(true)
  })
})

describe('a yes is believed where the SDK knows the application', () => {
  test.each<[Family, Partial<Frame>]>([
    ['python', { module: 'django.core', filename: '/srv/x.py', absPath: '/venv/site-packages/django/core.py' }],
    ['ruby', { filename: '/srv/vendor/x.rb' }],
    ['php', { filename: '/srv/vendor/x.php' }],
    ['jvm', { module: 'org.springframework.web.Filter' }],
    ['other', { module: 'System.Linq.Enumerable' }],
  ])('%s', (family, fields) => {
    expect(isInApp(sampleFrame({ ...fields, inApp: true }), family)).toBe(true)
    expect(isInApp(sampleFrame({ ...fields, inApp: null }), family)).toBe(false)
  })

  test('but of Python not for what was copied beside it, of PHP not for what stands at the caller’s file', () => {
    const copied = { module: 'botocore.client', absPath: '/var/task/botocore/client.py', inApp: true }
    expect(isInApp(sampleFrame(copied), 'python')).toBe(false)
    const called = { function: 'Illuminate\\Support\\Collection::map', filename: '/app/Cart.php', inApp: true }
    expect(isInApp(sampleFrame(called), 'php')).toBe(false)
  })
})

describe('where the SDK says yes to everything, the place decides', () => {
  test.each(LIBRARY)('%s: %j is a library’s', (family, fields) => {
    expect(isInApp(sampleFrame({ ...fields, inApp: true }), family)).toBe(false)
    expect(isInApp(sampleFrame({ ...fields, inApp: null }), family)).toBe(false)
  })

  test.each<[Family, Partial<Frame>]>([
    ['javascript', { filename: '/srv/shop/src/internal/cart.js' }],
    ['javascript', { filename: 'https://shop.example/js/cart.js' }],
    ['go', { module: 'shop/orders', filename: 'orders.go' }],
    ['dotnet', { module: 'Shop.Cart' }],
    ['native', { function: 'shop::pay', package: '/opt/shop/bin/shop' }],
    ['elixir', { module: 'Shop.Cart', filename: 'lib/shop/cart.ex' }],
    ['dart', { filename: 'package:shop/cart.dart' }],
  ])('%s: %j is the application’s', (family, fields) => {
    expect(isInApp(sampleFrame({ ...fields, inApp: true }), family)).toBe(true)
    expect(isInApp(sampleFrame({ ...fields, inApp: null }), family)).toBe(true)
  })
})

test('a frame that names no place is the application’s only where the SDK says so', () => {
  expect(isInApp(sampleFrame({ function: 'pay' }), 'other')).toBe(false)
  expect(isInApp(sampleFrame({ function: 'pay', inApp: true }), 'javascript')).toBe(true)
})

describe('an SDK that says no to all was not told which frames are the application’s', () => {
  const own = sampleFrame({ module: 'com.example.Cart', function: 'pay', inApp: false })
  const library = sampleFrame({ module: 'org.springframework.web.Filter', function: 'run', inApp: false })

  test('and is not asked', () => {
    expect(ownFrames([own, library], 'jvm')).toEqual([own])
  })

  test('but where one frame has a yes, its no counts', () => {
    const other = sampleFrame({ module: 'com.example.Main', function: 'main', inApp: true })
    expect(ownFrames([own, other], 'jvm')).toEqual([other])
    expect(ownFrames([own, { ...library, inApp: null }], 'jvm')).toEqual([])
  })

  test.each<[Family, Partial<Frame>]>([
    ['python', { filename: 'shop/cart.py', module: 'shop.cart' }],
    ['ruby', { filename: 'app/cart.rb' }],
    ['php', { filename: '/app/cart.php' }],
    ['native', { function: 'pay', package: '/opt/shop' }],
  ])('and of %s it knows by where the code lies', (family, fields) => {
    expect(ownFrames([sampleFrame({ ...fields, inApp: false })], family)).toEqual([])
  })
})
