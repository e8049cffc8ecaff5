import type { Event, Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

function keyOf(event: Event): string {
  return groupV1(event, 'stack').key
}

function thrown(type: string, value: string, frames: readonly Frame[], platform = 'javascript'): Event {
  return sampleEvent({ platform, exceptions: [sampleException(type, value, frames)] })
}

/** A frame of a browser, where nothing but the address tells what ran. */
function served(name: string, filename: string, line = 1): Frame {
  return sampleFrame({ function: name, filename, absPath: filename, line, inApp: true })
}

const PAY = served('Cart.pay', 'https://shop.example/js/cart.js')
const SUBMIT = served('submit', 'https://shop.example/js/cart.js')

describe('the same bug is one issue', () => {
  test('whatever the release, the lines, the content hash, the query string and the host', () => {
    const before = thrown('TypeError', 'x is null', [served('pay', 'https://shop.example/js/cart.3f2a1b9c.js?v=1', 10)])
    const after = thrown('TypeError', 'x is null', [served('pay', 'https://cdn.example/js/cart.99e0d7aa.js?v=2', 512)])
    expect(keyOf({ ...after, release: 'shop@2', environment: 'staging' })).toBe(keyOf({ ...before, release: 'shop@1' }))
  })

  test('whatever the directory it was deployed to', () => {
    const at = (root: string) =>
      thrown('Error', 'x', [sampleFrame({ function: 'pay', filename: `${root}/src/cart.php` })], 'php')
    expect(keyOf(at('/var/www/releases/20240131'))).toBe(keyOf(at('C:\\inetpub\\shop')))
    const inRelease = (release: string) =>
      thrown('Error', 'x', [sampleFrame({ function: 'pay', filename: `/var/www/${release}/index.php` })], 'php')
    expect(keyOf(inRelease('20240131120000'))).toBe(keyOf(inRelease('20240207093000')))
  })

  test('whatever the minifier called its functions', () => {
    const bundle = 'https://shop.example/js/app.js'
    const before = thrown('TypeError', 'total is null', [served('t', bundle), served('e.n', bundle)])
    const after = thrown('TypeError', 'total is null', [
      served('xr', bundle),
      served('a', bundle),
      served('q.$', bundle),
    ])
    expect(keyOf(after)).toBe(keyOf(before))
  })

  test('whatever the browser', () => {
    const chrome = [
      served('async HTMLFormElement.submit', 'https://a.example/f.js'),
      served('new Cart [as made]', 'https://a.example/f.js'),
    ]
    const firefox = [served('async*submit', 'https://a.example/f.js'), served('Cart', 'https://a.example/f.js')]
    const safari = [
      served('submit', 'https://a.example/f.js'),
      served('[native code]', '[native code]'),
      served('Cart', 'https://a.example/f.js'),
    ]
    const keys = [chrome, firefox, safari].map((frames) => keyOf(thrown('TypeError', 'x', frames)))
    expect(new Set(keys)).toEqual(new Set(['TypeError ⋄ Cart in f.js ⋄ submit in f.js']))
  })

  test('whatever the message, where the application’s own frames tell the place', () => {
    expect(keyOf(thrown('Error', 'no cart', [PAY]))).toBe(keyOf(thrown('Error', 'no money', [PAY])))
  })

  test('whatever the depth of a recursion, direct or mutual', () => {
    const walk = served('walk', 'https://shop.example/js/tree.js')
    const visit = served('visit', 'https://shop.example/js/tree.js')
    const deep = (times: number) => thrown('RangeError', 'x', [SUBMIT, ...Array(times).fill([visit, walk]).flat()])
    const direct = (times: number) => thrown('RangeError', 'x', [SUBMIT, ...Array(times).fill(walk)])
    expect(keyOf(deep(100))).toBe(keyOf(deep(1)))
    expect(keyOf(direct(100))).toBe(keyOf(direct(1)))
    expect(keyOf(deep(1))).not.toBe(keyOf(direct(1)))
  })

  test('whatever numbers and ids its text holds, where no frame tells the place', () => {
    const texts = [
      'order 17 of 0c9e7f64-2f0b-4f6e-9a51-7f3e1c0d2b4a: 12ms',
      'order 4 of 7d1b1c7e-0a5c-4d3b-8f7e-2b9f0a6c5d4e: 8.5 s',
    ]
    expect(keyOf(thrown('Error', texts[0] ?? '', []))).toBe(keyOf(thrown('Error', texts[1] ?? '', [])))
  })

  test('whatever the order in which the errors of a group came', () => {
    const group = (...types: string[]) =>
      sampleEvent({
        exceptions: [
          ...types.map((type) => sampleException(type, 'x')),
          sampleException('AggregateError', 'all failed', [], { isExceptionGroup: true }),
        ],
      })
    expect(keyOf(group('A', 'B', 'A'))).toBe(keyOf(group('A', 'B', 'B')))
  })

  test('whatever the number of a lambda or a generated class', () => {
    const at = (name: string, module: string) =>
      thrown('E', 'x', [sampleFrame({ function: name, module, inApp: true })], 'java')
    expect(keyOf(at('lambda$pay$7', 'shop.Cart$$Lambda$31/0x7f'))).toBe(keyOf(at('lambda$pay$2', 'shop.Cart')))
  })
})

describe('different bugs are different issues', () => {
  test('another type in the same place', () => {
    expect(keyOf(thrown('TypeError', 'x', [PAY]))).not.toBe(keyOf(thrown('RangeError', 'x', [PAY])))
  })

  test('another function of the same file', () => {
    expect(keyOf(thrown('TypeError', 'x', [PAY]))).not.toBe(keyOf(thrown('TypeError', 'x', [SUBMIT])))
  })

  test('the same function of another file', () => {
    const other = served('Cart.pay', 'https://shop.example/js/basket.js')
    expect(keyOf(thrown('TypeError', 'x', [PAY]))).not.toBe(keyOf(thrown('TypeError', 'x', [other])))
  })

  test('another cause of the same wrapper', () => {
    const wrapped = (cause: string) =>
      sampleEvent({
        exceptions: [sampleException(cause, 'x'), sampleException('Failure', 'x', [{ ...PAY, inApp: true }])],
      })
    expect(keyOf(wrapped('Timeout'))).not.toBe(keyOf(wrapped('Refused')))
  })

  test('another text, where the stack is all libraries', () => {
    const frames = [sampleFrame({ function: 'settle', filename: '/srv/node_modules/axios/lib/settle.js' })]
    const failed = (status: number) => thrown('AxiosError', `Request failed with status code ${status}`, frames, 'node')
    expect(keyOf(failed(404))).not.toBe(keyOf(failed(500)))
  })

  test('another text, where a frame tells the file but no function', () => {
    const frames = [sampleFrame({ function: 'Object.<anonymous>', module: 'server', inApp: true })]
    expect(keyOf(thrown('Error', 'no port', frames, 'node'))).not.toBe(
      keyOf(thrown('Error', 'no host', frames, 'node')),
    )
  })

  test('the same text in another file, where no function is told', () => {
    const at = (module: string) => thrown('Error', 'x', [sampleFrame({ module, inApp: true })], 'node')
    expect(keyOf(at('server'))).not.toBe(keyOf(at('jobs')))
  })
})

describe('log messages', () => {
  const said = (template: string | null, formatted: string) => keyOf(sampleEvent({ message: { template, formatted } }))

  test('are one issue per template, whatever was filled in', () => {
    expect(said('user %s: %s', 'user bob: gone')).toBe(said('user %s: %s', 'user eve: asleep'))
    expect(said('step 1 of %s', 'step 1 of x')).not.toBe(said('step 2 of %s', 'step 2 of x'))
  })

  test('are one issue per text with its numbers replaced, where there is no template', () => {
    expect(said(null, 'step 1')).toBe(said(null, 'step 2'))
    expect(said('step 1', 'step 1')).toBe(said('step 2', 'step 2'))
  })

  test('are told apart by their second line too', () => {
    expect(said(null, 'Unhandled:\n\n  no cart')).not.toBe(said(null, 'Unhandled:\n\n  no money'))
    expect(said(null, 'a\nb\nc')).toBe(said(null, 'a\nb\nd'))
  })

  test('of JavaScript are grouped by their text, not by the stack attached to them', () => {
    const logged = (formatted: string, frame: Frame) => {
      const exceptions = [sampleException(null, formatted, [frame], { synthetic: true })]
      return keyOf(sampleEvent({ platform: 'javascript', exceptions, message: { template: null, formatted } }))
    }
    expect(logged('no cart', PAY)).not.toBe(logged('no money', PAY))
    expect(logged('no cart', PAY)).toBe(logged('no cart', SUBMIT))
  })

  test('of JavaScript stay messages when their text looks like `Type: value`', () => {
    const message = { template: null, formatted: 'Cart: not saved' }
    const exceptions = [sampleException('Cart', 'not saved', [PAY], { synthetic: true })]
    expect(keyOf(sampleEvent({ platform: 'javascript', exceptions, message }))).toBe('Log Message: Cart: not saved')
    const real = [sampleException('Cart', 'not saved', [PAY], { type: 'logging' })]
    expect(keyOf(sampleEvent({ platform: 'python', exceptions: real, message }))).toMatch(/^Cart ⋄ /)
  })
})

test('the frames of a cause decide where the exception above it has none of the application', () => {
  const library = sampleFrame({ function: 'run', filename: '/srv/node_modules/x/index.js' })
  const exceptions = [sampleException('TypeError', 'x', [PAY]), sampleException('Wrapped', 'x', [library])]
  expect(keyOf(sampleEvent({ platform: 'javascript', exceptions }))).toBe('Wrapped ⋄ TypeError ⋄ pay in js/cart.js')
})

test('a cause that names its function goes before an exception that names only its file', () => {
  const nameless = sampleFrame({ function: '<anonymous>', module: 'server', inApp: true })
  const exceptions = [sampleException('TypeError', 'x', [PAY]), sampleException('Wrapped', 'x', [nameless])]
  expect(keyOf(sampleEvent({ platform: 'node', exceptions }))).toBe('Wrapped ⋄ TypeError ⋄ pay in js/cart.js')
})

test('each part says what it was taken from', () => {
  const { parts } = groupV1(thrown('TypeError', 'x', [PAY]), 'stack')
  expect(parts).toEqual([
    { kind: 'type', text: 'TypeError' },
    { kind: 'frame', text: 'pay in js/cart.js' },
  ])
})
