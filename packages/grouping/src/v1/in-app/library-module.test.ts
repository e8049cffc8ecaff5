import { describe, expect, test } from 'vitest'
import type { Family } from '../family.ts'
import { isLibraryModule } from './library-module.ts'

const LIBRARIES: readonly [Family, readonly string[]][] = [
  ['javascript', ['@sentry/node', 'node:fs']],
  ['python', ['django', 'django.core.handlers', 'threading', 'sqlalchemy.orm']],
  ['go', ['net/http', 'runtime', 'github.com/gin-gonic/gin', 'golang.org/x/net', 'gorm.io/gorm']],
  ['jvm', ['java.lang.Thread', 'org.springframework.web.Filter', 'kotlin.Unit', 'io.netty.channel.Channel']],
  ['elixir', ['Phoenix.Router', 'Elixir.Plug.Conn', 'Enum', 'gen_server', 'cowboy_stream_h']],
  ['dotnet', ['System.Linq.Enumerable', 'Microsoft.AspNetCore.Routing.X', 'UnityEngine.Events.UnityEvent']],
  ['other', ['System.Linq.Enumerable', 'tokio::runtime::Runtime']],
]

const OWN: readonly [Family, readonly string[]][] = [
  ['javascript', ['server', 'services.billing:charge']],
  ['python', ['shop.cart', 'djangoshop.cart', 'myredis']],
  ['go', ['main', 'myapp/orders', 'github.com/acme/shop', 'example.com/net/http']],
  ['jvm', ['com.example.Cart', 'javafoo.Cart', 'com.googlers.Cart', 'io.acme.Cart']],
  ['elixir', ['Shop.Cart', 'EnumExt', 'Elixir.ShopWeb.Router', 'lists_of_orders']],
  ['dotnet', ['Shop.Cart', 'SystemShop.Cart']],
  ['other', ['Shop.Cart', 'shop::cart']],
  ['ruby', ['Rails']],
]

describe.each(LIBRARIES)('%s', (family, modules) => {
  test.each(modules)('%s is somebody else’s', (module) => {
    expect(isLibraryModule(module, family)).toBe(true)
  })
})

describe.each(OWN)('%s', (family, modules) => {
  test.each(modules)('%s is the application’s', (module) => {
    expect(isLibraryModule(module, family)).toBe(false)
  })
})
