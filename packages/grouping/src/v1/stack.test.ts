import type { Event, Exception, Frame } from '@rumen/protocol/event'
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
  test('whatever called the function that broke', () => {
    expect(keyOf(thrown('TypeError', 'x', [SUBMIT, PAY]))).toBe('TypeError ⋄ pay in cart')
    expect(keyOf(thrown('TypeError', 'x', [PAY]))).toBe('TypeError ⋄ pay in cart')
  })

  test('whatever the release, the lines, the content hash, the query string and the host', () => {
    const before = thrown('TypeError', 'x', [served('pay', 'https://shop.example/js/cart.3f2a1b9c.js?v=1', 10)])
    const after = thrown('TypeError', 'x', [served('pay', 'https://cdn.example/js/cart.99e0d7aa.js?v=2', 512)])
    expect(keyOf({ ...after, release: 'shop@2', environment: 'staging' })).toBe(keyOf({ ...before, release: 'shop@1' }))
  })

  test('whatever the directory it was deployed to', () => {
    const at = (root: string) =>
      thrown('Error', 'x', [sampleFrame({ function: 'pay', filename: `${root}/src/cart.php` })], 'php')
    expect(keyOf(at('/var/www/releases/20240131'))).toBe(keyOf(at('C:\\inetpub\\shop')))
  })

  test('whatever the minifier called its functions', () => {
    const bundle = 'https://shop.example/js/app.js'
    const before = thrown('TypeError', 'total went wrong', [served('t', bundle), served('e.n', bundle)])
    const after = thrown('TypeError', 'total went wrong', [served('xr', bundle), served('a', bundle)])
    expect(keyOf(after)).toBe(keyOf(before))
    expect(keyOf(after)).toBe('TypeError: total went wrong')
  })

  test('whatever the browser', () => {
    const chrome = thrown('TypeError', "Cannot read properties of undefined (reading 'a')", [
      served('async HTMLFormElement.submit', 'https://a.example/f.js'),
      served('new Cart [as made]', 'https://a.example/f.js'),
    ])
    const firefox = thrown('TypeError', 'can\'t access property "a", x is undefined', [
      served('async*submit', 'https://a.example/f.js'),
      served('Cart', 'https://a.example/f.js'),
    ])
    const safari = thrown('TypeError', "undefined is not an object (evaluating 'x.a')", [
      served('submit', 'https://a.example/f.js'),
      served('[native code]', '[native code]'),
      served('Cart', 'https://a.example/f.js'),
    ])
    const keys = [chrome, firefox, safari].map(keyOf)
    expect(new Set(keys)).toEqual(new Set(['TypeError ⋄ Cart in f']))
  })

  test('whatever the engine says and calls it, where no place is known', () => {
    const chrome = thrown('TypeError', "Cannot read properties of undefined (reading 'a')", [])
    const safari = thrown('TypeError', "undefined is not an object (evaluating 'x.a')", [])
    expect([chrome, safari].map(keyOf)).toEqual(['cannot read property a', 'cannot read property a'])
    const overflows = [
      thrown('RangeError', 'Maximum call stack size exceeded', Array(9).fill(PAY)),
      thrown('InternalError', 'too much recursion', Array(5).fill(PAY)),
    ]
    expect(overflows.map(keyOf)).toEqual(['stack overflow ⋄ pay in cart', 'stack overflow ⋄ pay in cart'])
  })

  test('whatever the message, where the application’s own frames tell the place', () => {
    expect(keyOf(thrown('Error', 'no cart', [PAY]))).toBe(keyOf(thrown('Error', 'no money', [PAY])))
  })

  test('whatever numbers and ids its text holds, where no frame tells the place', () => {
    const texts = ['order 17 of 0c9e7f64-2f0b-4f6e-9a51-7f3e1c0d2b4a: 12ms', 'order deadbeef12 of 4: "soon"']
    expect(texts.map((text) => keyOf(thrown('Error', text, [])))).toEqual(Array(2).fill('Error: order <*> of <*>: <*>'))
  })

  test('whatever system it crashed on', () => {
    const at = [sampleFrame({ function: 'shop::pay(int)', package: '/opt/shop/bin/shop' })]
    const types = ['SIGSEGV', 'EXC_BAD_ACCESS', 'EXCEPTION_ACCESS_VIOLATION_READ']
    expect(new Set(types.map((type) => keyOf(thrown(type, 'x', at, 'native'))))).toEqual(new Set(['shop::pay']))
  })

  test('whatever the number of a lambda or a generated class', () => {
    const at = (name: string, module: string) =>
      thrown('E', 'x', [sampleFrame({ function: name, module, inApp: true })], 'java')
    expect(keyOf(at('lambda$pay$7', 'shop.Cart$$Lambda$31/0x7f'))).toBe(keyOf(at('lambda$pay$2', 'shop.Cart')))
  })

  test('whatever part of the application met a deployment that went on', () => {
    const at = (frame: Frame, chunk: number) => thrown('ChunkLoadError', `Loading chunk ${chunk} failed.`, [frame])
    expect([at(PAY, 17), at(SUBMIT, 4)].map(keyOf)).toEqual(['chunk cannot be loaded', 'chunk cannot be loaded'])
  })

  test('whatever wrapped it', () => {
    const wrapped = (wrapper: string) =>
      sampleEvent({ exceptions: [sampleException('Timeout', 'x'), sampleException(wrapper, 'x', [PAY])] })
    expect(keyOf(wrapped('A'))).toBe(keyOf(wrapped('B')))
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

  test('another caller of the same helper', () => {
    const helper = served('assert', 'https://shop.example/js/assert.js')
    expect(keyOf(thrown('Error', 'x', [PAY, helper]))).toBe('Error ⋄ assert in assert ⋄ pay in cart')
    expect(keyOf(thrown('Error', 'x', [SUBMIT, helper]))).toBe('Error ⋄ assert in assert ⋄ submit in cart')
  })

  test('another name that is not defined in the same place', () => {
    const undefinedName = (name: string) => keyOf(thrown('ReferenceError', `${name} is not defined`, [PAY]))
    expect(undefinedName('cart')).toBe('ReferenceError is not defined cart ⋄ pay in cart')
    expect(undefinedName('total')).not.toBe(undefinedName('cart'))
  })

  test('another code of the same failure in the same place', () => {
    const failed = (status: number) => keyOf(thrown('HttpError', `status ${status}`, [PAY]))
    expect(failed(404)).toBe('HttpError ⋄ pay in cart ⋄ status 404')
    expect(failed(500)).not.toBe(failed(404))
  })

  test('another cause of the same wrapper', () => {
    const wrapped = (cause: string) =>
      sampleEvent({ exceptions: [sampleException(cause, 'x'), sampleException('Failure', 'x', [PAY])] })
    expect(keyOf(wrapped('Timeout'))).not.toBe(keyOf(wrapped('Refused')))
  })

  test('another text, where the stack is all libraries', () => {
    const frames = [sampleFrame({ function: 'settle', filename: '/srv/node_modules/axios/lib/settle.js' })]
    const failed = (status: number) => thrown('AxiosError', `Request failed with status code ${status}`, frames, 'node')
    expect(keyOf(failed(404))).not.toBe(keyOf(failed(500)))
  })

  test('another text, where it was only reported', () => {
    const frames = [PAY, served('reportError', 'https://shop.example/js/report.js')]
    expect(keyOf(thrown('Error', 'no cart', frames))).toBe('Error: no cart')
  })

  test('another text or another file, where a frame tells the file but no function', () => {
    const at = (value: string, file: string) =>
      keyOf(thrown('Error', value, [sampleFrame({ filename: file, inApp: true })], 'node'))
    expect(at('no port', '/srv/server.js')).toBe('Error: no port ⋄ ? in server')
    expect(at('no host', '/srv/server.js')).not.toBe(at('no port', '/srv/server.js'))
    expect(at('no port', '/srv/jobs.js')).not.toBe(at('no port', '/srv/server.js'))
  })
})

describe('of the errors of a group', () => {
  const group = (...held: readonly Exception[]) =>
    keyOf(
      sampleEvent({
        platform: 'node',
        exceptions: [...held, sampleException('AggregateError', 'all failed', [SUBMIT], { isExceptionGroup: true })],
      }),
    )
  const failed = (type: string) => sampleException(type, 'x', [PAY])

  test('the one that all of them are decides', () => {
    expect(group(failed('A'), failed('A'))).toBe(group(failed('A')))
    expect(group(failed('A'))).toBe('A ⋄ pay in cart')
  })

  test('several different ones belong to who started them', () => {
    expect(group(failed('A'), failed('B'))).toContain(' ⋄ submit in cart')
  })
})

describe('a synthetic exception', () => {
  test('has no type, since the SDK made it up', () => {
    const event = sampleEvent({
      platform: 'javascript',
      exceptions: [sampleException('Error', 'out of stock', [PAY], { synthetic: true })],
    })
    expect(keyOf(event)).toBe('pay in cart')
  })

  test('of an empty text and no place tells nothing', () => {
    const exceptions = [sampleException('Error', '', [], { synthetic: true })]
    expect(keyOf(sampleEvent({ exceptions }))).toBe('<unknown>')
    expect(keyOf(sampleEvent({ exceptions, transaction: '/cart' }))).toBe('<unknown> ⋄ /cart')
  })
})

describe('log messages', () => {
  const said = (template: string | null, formatted: string) => keyOf(sampleEvent({ message: { template, formatted } }))

  test('are one issue per template, whatever was filled in', () => {
    expect(said('user %s: %s', 'user bob: gone')).toBe(said('user %s: %s', 'user eve: asleep'))
    expect(said('step one of %s', 'step one of x')).not.toBe(said('step two of %s', 'step two of x'))
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
})

test('a thread without an exception is its place', () => {
  const frames = [sampleFrame({ function: 'poll', filename: 'jobs.py', inApp: true })]
  expect(keyOf(sampleEvent({ platform: 'python', stacktrace: { frames } }))).toBe('poll in jobs.py')
})

test('every component says what it was taken from and why', () => {
  const { components } = groupV1(thrown('HttpError', 'status 404', [SUBMIT, PAY]), 'stack')
  expect(components).toEqual([
    { kind: 'type', source: 'HttpError', text: 'HttpError', reason: 'the type of the cause' },
    { kind: 'frame', source: PAY, text: 'pay in cart', reason: 'where it broke' },
    { kind: 'frame', source: SUBMIT, text: null, reason: 'further away' },
    { kind: 'code', source: 'status 404', text: 'status 404', reason: 'a code of the failure' },
  ])
})
