import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

/** The key of an event under strategy `stack`. These lines change only together with the mechanism's name. */
function keyOf(fields: Parameters<typeof sampleEvent>[0]): string {
  return groupV1(sampleEvent(fields), 'stack').key
}

describe('keys of Python events', () => {
  const frame = (name: string, module: string, absPath: string) =>
    sampleFrame({ function: name, module, filename: absPath.slice('/app/'.length), absPath, line: 7 })
  const django = frame(
    'inner',
    'django.core.handlers.exception',
    '/usr/lib/python3/site-packages/django/core/exception.py',
  )

  test('an error in a view', () => {
    const frames = [
      django,
      frame('checkout', 'shop.views', '/app/shop/views.py'),
      frame('<lambda>', 'shop.cart', '/app/shop/cart.py'),
    ]
    expect(keyOf({ platform: 'python', exceptions: [sampleException('KeyError', "'total'", frames)] })).toBe(
      'KeyError: <*> ⋄ ? in cart.py',
    )
  })

  test('an error at the top level of a script', () => {
    const frames = [frame('<module>', '__main__', '/app/jobs/import.py')]
    expect(keyOf({ platform: 'python', exceptions: [sampleException('ValueError', "bad row 17: 'x'", frames)] })).toBe(
      'ValueError: bad row <*>: <*> ⋄ ? in import.py',
    )
  })

  test('a log message with parameters', () => {
    const message = { template: 'User %s has no cart', formatted: 'User 17 has no cart' }
    expect(keyOf({ platform: 'python', message })).toBe('Log Message: User <*> has no cart')
  })

  test('a logged exception', () => {
    const frames = [frame('Cart.save.<locals>.retry', 'shop.cart', '/app/shop/cart.py')]
    const exceptions = [sampleException('OperationalError', 'timeout', frames, { type: 'logging', handled: true })]
    const message = { template: 'save of %s failed', formatted: 'save of 17 failed' }
    expect(keyOf({ platform: 'python', exceptions, message })).toBe('OperationalError: timeout ⋄ retry in cart.py')
  })
})

describe('keys of Ruby events', () => {
  const frame = (name: string, path: string) =>
    sampleFrame({ function: name, filename: path, absPath: `/srv/shop/${path}`, line: 7 })

  test('an error in a block of a controller', () => {
    const rails = frame('block in run_callbacks', 'gems/activesupport-7.1.2/lib/active_support/callbacks.rb')
    const frames = [rails, frame('block (2 levels) in create', 'app/controllers/orders_controller.rb')]
    const exceptions = [sampleException('NoMethodError', "undefined method `total' for nil:NilClass", frames)]
    expect(keyOf({ platform: 'ruby', exceptions })).toBe('NoMethodError ⋄ create in orders_controller.rb')
  })

  test('an error in a template', () => {
    const frames = [frame('_app_views_orders_show_html_erb__1283746_70254', 'app/views/orders/show.html.erb')]
    const exceptions = [sampleException('ActionView::Template::Error', 'nil', frames)]
    expect(keyOf({ platform: 'ruby', exceptions })).toBe(
      'Template.Error ⋄ _app_views_orders_show_html_erb in orders/show.html.erb',
    )
  })
})

describe('keys of Go events', () => {
  test('an error in a closure of a method', () => {
    const frames = [
      sampleFrame({ function: 'goexit', module: 'runtime', absPath: '/usr/local/go/src/runtime/asm_amd64.s' }),
      sampleFrame({
        function: 'HandlerFunc.ServeHTTP',
        module: 'net/http',
        absPath: '/usr/local/go/src/net/http/server.go',
      }),
      sampleFrame({
        function: '(*Server).pay.func2.1',
        module: 'example.com/shop/cart',
        absPath: '/build/cart/server.go',
      }),
      sampleFrame({ function: 'main', module: 'main', absPath: '/build/main.go' }),
    ]
    const exceptions = [sampleException('*errors.errorString', 'no total', frames)]
    expect(keyOf({ platform: 'go', exceptions })).toBe('*errors.errorString ⋄ main in main')
  })

  test('a message', () => {
    const message = { template: null, formatted: 'dial tcp [2001:db8::7]:443: i/o timeout after 30s' }
    expect(keyOf({ platform: 'go', message })).toBe('Log Message: dial tcp <*>: i/o timeout after <*>')
  })
})

describe('keys of JVM events', () => {
  const frame = (name: string, module: string) =>
    sampleFrame({ function: name, module, filename: 'Some.java', line: 7 })

  test('an error below proxies and lambdas, with its cause', () => {
    const frames = [
      frame('run', 'java.lang.Thread'),
      frame('invoke', 'org.springframework.cglib.proxy.MethodProxy'),
      frame('pay', 'com.example.shop.Cart$$SpringCGLIB$$0'),
      frame('lambda$pay$3', 'com.example.shop.Cart'),
      frame('accept', 'com.example.shop.Cart$$Lambda$14/0x0000000800c1'),
    ]
    const exceptions = [
      sampleException('SocketTimeoutException', 'Read timed out', [frame('read', 'java.net.SocketInputStream')]),
      sampleException('IllegalStateException', 'not paid', frames),
    ]
    expect(keyOf({ platform: 'java', exceptions })).toBe('SocketTimeoutException ⋄ accept in com.example.shop.Cart')
  })

  test('an error of the standard library alone', () => {
    const exceptions = [sampleException('OutOfMemoryError', 'Java heap space', [frame('run', 'java.lang.Thread')])]
    expect(keyOf({ platform: 'java', exceptions })).toBe('OutOfMemoryError: Java heap space')
  })
})

describe('keys of PHP events', () => {
  const frame = (name: string | null, filename: string, inApp: boolean | null = null) =>
    sampleFrame({ function: name, filename, absPath: `/var/www/releases/20240131120000${filename}`, inApp })

  test('an error in a closure of PHP 8.4', () => {
    const frames = [
      frame(null, '/public/index.php', true),
      frame('Illuminate\\Pipeline\\Pipeline::handle', '/vendor/laravel/framework/src/Pipeline.php'),
      frame('{closure:App\\Http\\CartController::pay():41}', '/app/Http/CartController.php'),
    ]
    expect(keyOf({ platform: 'php', exceptions: [sampleException('App\\PaymentFailed', 'no', frames)] })).toBe(
      'PaymentFailed ⋄ App\\Http\\CartController::pay in CartController.php',
    )
  })

  test('a warning in a script', () => {
    const frames = [frame(null, '/report.php', true)]
    const exceptions = [sampleException('ErrorException', 'Warning: Undefined array key "total"', frames)]
    expect(keyOf({ platform: 'php', exceptions })).toBe(
      'ErrorException: Warning: Undefined array key <*> ⋄ ? in report.php',
    )
  })
})

describe('keys of .NET events', () => {
  const frame = (name: string, module: string) => sampleFrame({ function: name, module, inApp: true })

  test('an error in a lambda below a framework', () => {
    const frames = [
      frame('Invoke', 'Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker'),
      frame('<Checkout>b__0', 'Shop.CartController+<>c__DisplayClass3_0'),
      frame('First', 'System.Linq.Enumerable'),
    ]
    const exceptions = [sampleException('System.InvalidOperationException', 'Sequence contains no elements', frames)]
    expect(keyOf({ platform: 'csharp', exceptions })).toBe('InvalidOperationException ⋄ Checkout in CartController')
  })

  test('an error of a repository over any type', () => {
    const frames = [frame('Pay', 'Shop.Cart'), frame('Find', 'Shop.Repository`1')]
    expect(keyOf({ platform: 'csharp', exceptions: [sampleException('KeyNotFoundException', 'x', frames)] })).toBe(
      'KeyNotFoundException ⋄ Find in Repository ⋄ Pay in Cart',
    )
  })
})

describe('keys of Elixir events', () => {
  test('an error in a function of a module', () => {
    const frames = [
      sampleFrame({ function: 'Plug.Conn.call/2', module: 'Plug.Conn', filename: 'lib/plug/conn.ex' }),
      sampleFrame({ function: 'anonymous fn/1 in Shop.Cart.pay/2', module: 'Shop.Cart', filename: 'lib/shop/cart.ex' }),
      sampleFrame({ function: 'Enum.map/2', module: 'Enum', filename: 'lib/enum.ex' }),
    ]
    expect(
      keyOf({ platform: 'elixir', exceptions: [sampleException('KeyError', 'key :total not found', frames)] }),
    ).toBe('KeyError ⋄ pay/2 in Shop.Cart')
  })
})

describe('keys of database errors', () => {
  const frame = sampleFrame({ function: 'save', filename: 'shop/cart.py', absPath: '/app/shop/cart.py' })
  const texts = [
    'duplicate key value violates unique constraint "users_email_key"',
    'doppelter Schlüsselwert verletzt Unique-Constraint »users_email_key«',
  ]

  test.each(texts)('%s', (text) => {
    expect(keyOf({ platform: 'python', exceptions: [sampleException('UniqueViolation', text, [frame])] })).toBe(
      'UniqueViolation ⋄ save in cart.py ⋄ users_email_key',
    )
  })
})

describe('keys of other events', () => {
  test('a native crash, whose type the SDK made up', () => {
    const frames = [sampleFrame({ function: 'shop::cart::pay::h0123456789abcdef', package: '/opt/shop', inApp: true })]
    const exceptions = [sampleException('SIGSEGV', 'Segfault', frames, { type: 'signalhandler', synthetic: true })]
    expect(keyOf({ platform: 'native', exceptions })).toBe('shop::cart::pay')
  })

  test('a .NET state machine', () => {
    const frames = [sampleFrame({ function: '<PayAsync>d__12.MoveNext', module: 'Shop.Cart', inApp: true })]
    expect(keyOf({ platform: 'csharp', exceptions: [sampleException('System.Exception', 'no', frames)] })).toBe(
      'System.Exception ⋄ PayAsync in Cart',
    )
  })

  test('an event that says nothing', () => {
    expect(keyOf({})).toBe('<unknown>')
    expect(keyOf({ transaction: 'GET /cart' })).toBe('<unknown> ⋄ GET /cart')
  })

  test('a fingerprint around the default', () => {
    const exceptions = [sampleException('Error', 'order 17 is gone')]
    expect(keyOf({ exceptions, fingerprint: ['{{ default }}', 'eu-west', '{{type}}'] })).toBe(
      'Error: order <*> is gone ⋄ eu-west ⋄ Error',
    )
  })
})
