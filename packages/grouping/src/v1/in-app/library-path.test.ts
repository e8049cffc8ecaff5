import { expect, test } from 'vitest'
import type { Family } from '../family.ts'
import { isLibraryPath } from './library-path.ts'

test.each<[Family, string]>([
  ['javascript', '/srv/shop/node_modules/express/index.js'],
  ['javascript', 'C:\\shop\\node_modules\\express\\index.js'],
  ['javascript', 'node:internal/process/task_queues'],
  ['javascript', 'internal/timers.js'],
  ['javascript', 'native'],
  ['javascript', '[native code]'],
  ['javascript', '<anonymous>'],
  ['javascript', 'index 0'],
  ['javascript', 'ext:deno_web/timers.js'],
  ['javascript', 'webpack:///webpack/bootstrap'],
  ['javascript', 'webpack:///(webpack)/runtime/chunk'],
  ['javascript', 'chrome-extension://abc/x.js'],
  ['javascript', 'https://shop.example/static/vendors-4f2c.js'],
  ['javascript', 'https://shop.example/static/chunk-vendors.4f2c.js'],
  ['javascript', 'https://shop.example/_next/static/chunks/framework-1f2e.js'],
  ['javascript', 'https://shop.example/polyfills.4f2c.js'],
  ['javascript', 'https://shop.example/js/jquery.min.js'],
  ['javascript', 'https://cdn.logrocket.io/LogRocket.min.js'],
  ['python', '/venv/lib/python3.12/site-packages/django/x.py'],
  ['python', '/usr/lib/python3/dist-packages/x.py'],
  ['python', '/usr/local/lib/python3.12/json/decoder.py'],
  ['python', '<frozen importlib._bootstrap>'],
  ['python', '<string>'],
  ['ruby', '/usr/local/bundle/gems/rack-3.0/lib/rack/builder.rb'],
  ['ruby', '/usr/lib/ruby/3.3.0/json.rb'],
  ['ruby', '<internal:kernel>'],
  ['ruby', '(eval at x.rb:1)'],
  ['go', '/root/go/pkg/mod/github.com/x/y@v1/z.go'],
  ['go', '/usr/local/go/src/net/http/server.go'],
  ['php', 'vendor/acme/x.php'],
  ['php', '[internal]'],
  ['native', '/rustc/9fc6b4/library/core/src/option.rs'],
  ['native', '/home/me/.cargo/registry/src/x/lib.rs'],
  ['native', '/App.app/Frameworks/Alamofire'],
  ['dart', 'dart:async/future.dart'],
  ['dart', 'package:flutter/src/widgets/framework.dart'],
  ['dart', '/root/.pub-cache/hosted/x.dart'],
  ['elixir', '/app/deps/phoenix/lib/phoenix.ex'],
  ['elixir', '/usr/lib/elixir/lib/elixir/lib/enum.ex'],
  ['other', 'dart:async/future.dart'],
])('%s: %s is somebody else’s', (family, path) => {
  expect(isLibraryPath(path, family)).toBe(true)
})

test.each<[Family, string]>([
  ['javascript', '/srv/shop/src/internal/cart.js'],
  ['javascript', 'https://shop.example/js/cart.js'],
  ['javascript', 'webpack:///./src/cart.ts'],
  ['javascript', '/srv/shop/src/vendor-list.ts'],
  ['python', '/app/shop/cart.py'],
  ['ruby', '/srv/shop/app/models/order.rb'],
  ['go', '/build/cmd/main.go'],
  ['jvm', 'Cart.java'],
  ['dotnet', 'C:\\shop\\Cart.cs'],
  ['php', '/app/Http/CartController.php'],
  ['native', '/build/shop/src/cart.rs'],
  ['dart', 'package:shop/cart.dart'],
  ['elixir', 'lib/shop/cart.ex'],
])('%s: %s is the application’s', (family, path) => {
  expect(isLibraryPath(path, family)).toBe(false)
})
