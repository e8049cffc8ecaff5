import type { Frame } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleFrame } from '../sample-event.ts'
import type { Family } from './family.ts'
import { isInApp } from './in-app.ts'

test('what the SDK said holds', () => {
  expect(isInApp(sampleFrame({ filename: '/srv/node_modules/x.js', inApp: true }), 'javascript')).toBe(true)
  expect(isInApp(sampleFrame({ filename: '/srv/src/x.js', inApp: false }), 'javascript')).toBe(false)
})

test('a frame that names no place is not the application’s', () => {
  expect(isInApp(sampleFrame({ function: 'pay' }), 'other')).toBe(false)
})

test.each<[Family, Partial<Frame>]>([
  ['javascript', { filename: '/srv/shop/node_modules/express/index.js' }],
  ['javascript', { filename: 'C:\\shop\\node_modules\\express\\index.js' }],
  ['javascript', { filename: 'node:internal/process/task_queues' }],
  ['javascript', { filename: 'internal/timers.js' }],
  ['javascript', { filename: 'webpack:///webpack/bootstrap' }],
  ['javascript', { filename: 'chrome-extension://abc/x.js' }],
  ['javascript', { filename: '<anonymous>' }],
  ['python', { filename: 'django/x.py', absPath: '/venv/lib/python3.12/site-packages/django/x.py' }],
  ['python', { filename: 'json/decoder.py', absPath: '/usr/local/lib/python3.12/json/decoder.py' }],
  ['python', { filename: '<frozen importlib._bootstrap>' }],
  ['ruby', { filename: 'rack/builder.rb', absPath: '/usr/local/bundle/gems/rack-3.0/lib/rack/builder.rb' }],
  ['ruby', { filename: '<internal:kernel>' }],
  ['go', { module: 'net/http', filename: 'server.go' }],
  ['go', { module: 'github.com/x/y', absPath: '/root/go/pkg/mod/github.com/x/y@v1/z.go' }],
  ['jvm', { module: 'org.springframework.web.Filter' }],
  ['php', { filename: 'vendor/acme/x.php' }],
  ['php', { filename: '[internal]' }],
  ['other', { module: 'System.Linq.Enumerable' }],
  ['other', { filename: '/rustc/9fc6b4/library/core/src/option.rs' }],
])('%s: %j is a library’s', (family, fields) => {
  expect(isInApp(sampleFrame(fields), family)).toBe(false)
})

test.each<[Family, Partial<Frame>]>([
  ['javascript', { filename: '/srv/shop/src/internal/cart.js' }],
  ['javascript', { filename: 'https://shop.example/js/cart.js' }],
  ['javascript', { filename: 'webpack:///./src/cart.ts' }],
  ['python', { filename: 'shop/cart.py', absPath: '/app/shop/cart.py' }],
  ['ruby', { filename: 'app/models/order.rb', absPath: '/srv/shop/app/models/order.rb' }],
  ['go', { module: 'main', absPath: '/build/main.go' }],
  ['go', { module: 'shop/orders', absPath: '/build/orders.go' }],
  ['jvm', { module: 'com.example.Cart' }],
  ['php', { filename: '/app/Http/CartController.php' }],
  ['other', { module: 'Shop.Cart' }],
])('%s: %j is the application’s', (family, fields) => {
  expect(isInApp(sampleFrame(fields), family)).toBe(true)
})
