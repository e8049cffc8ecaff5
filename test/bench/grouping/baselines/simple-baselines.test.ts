import { sampleEvent, sampleException, sampleFrame } from '@rumen/grouping/sample-event'
import { describe, expect, test } from 'vitest'
import { groupLikeBugsink } from './bugsink.ts'
import { groupLikeCrashCache } from './crash-cache.ts'
import { groupLikeGlitchtip } from './glitchtip.ts'
import { groupLikeRustrak } from './rustrak.ts'

const pay = sampleFrame({ function: 'pay', module: 'shop.cart', filename: 'shop/cart.py', line: 12, inApp: true })
const run = sampleFrame({ function: 'run', module: 'lib', filename: 'lib/run.py', line: 3, inApp: false })
const failed = sampleEvent({
  ...{ platform: 'python', transaction: '/orders/17' },
  exceptions: [
    sampleException('KeyError', 'cause 9'),
    sampleException('ValueError', 'order 17 of a@b.org\nmore', [pay, run]),
  ],
})
const log = sampleEvent({ message: { template: 'order %s', formatted: 'order 17' }, transaction: 'job' })
const synthetic = sampleEvent({
  platform: 'native',
  exceptions: [
    sampleException('SIGSEGV', 'Segfault', [sampleFrame({ function: 'int Cart::pay(int)', inApp: true }), run], {
      synthetic: true,
    }),
  ],
})

describe('bugsink', () => {
  test('takes type and first line of the last exception without what varies, and no transaction', () => {
    expect(groupLikeBugsink(failed)).toBe('ValueError: order <int> of <email>')
  })

  test('takes a log message’s template', () => {
    expect(groupLikeBugsink(log)).toBe('Log Message: order %s')
    expect(groupLikeBugsink(sampleEvent({}))).toBe('Log Message: <no log message>')
  })

  test('takes the function in place of a synthetic exception', () => {
    expect(groupLikeBugsink(synthetic)).toBe('Cart::pay')
  })

  test('puts its key in place of {{ default }}', () => {
    expect(groupLikeBugsink({ ...log, fingerprint: ['a', '{{ default }}'] })).toBe('a ⋄ Log Message: order %s')
  })
})

describe('rustrak', () => {
  test('takes every exception of the chain, and the transaction', () => {
    expect(groupLikeRustrak(failed)).toBe('KeyError: cause <int> ⋄ ValueError: order <int> of <email> ⋄ /orders/17')
  })

  test('takes a log message’s template; without one nothing is known', () => {
    expect(groupLikeRustrak(log)).toBe('Log Message: order %s ⋄ job')
    expect(groupLikeRustrak(synthetic)).toBe('Unknown ⋄ <no transaction>')
  })

  test('takes the member in place of a group whose members are alike', () => {
    const member = (exceptionId: number) => sampleException('IOError', 'lost', [], { exceptionId, parentId: 0 })
    const group = sampleException('ExceptionGroup', '2 errors', [], { exceptionId: 0, isExceptionGroup: true })
    const event = sampleEvent({ exceptions: [member(2), member(1), group] })
    expect(groupLikeRustrak(event)).toBe('IOError: lost ⋄ <no transaction>')
  })

  test('leaves hosts and addresses of machines in place', () => {
    const event = sampleEvent({ exceptions: [sampleException('E', 'db.example.com 00:1b:44:11:3a:b7 bad3')] })
    expect(groupLikeRustrak(event)).toBe('E: db.example.com <mac_addr> <hex> ⋄ <no transaction>')
  })
})

describe('glitchtip', () => {
  test('takes title and transaction as they are', () => {
    expect(groupLikeGlitchtip(failed)).toBe('ValueError: order 17 of a@b.org/orders/17error')
  })

  test('takes the newest in-app frame where there is no transaction', () => {
    expect(groupLikeGlitchtip({ ...failed, transaction: null })).toBe(
      'ValueError: order 17 of a@b.orgshop.cart in payerror',
    )
  })

  test('takes the filled-in message, cut to 100 characters', () => {
    expect(groupLikeGlitchtip(log)).toBe('order 17jobmessage')
    const long = sampleEvent({ message: { template: null, formatted: 'x'.repeat(101) } })
    expect(groupLikeGlitchtip(long)).toBe(`${'x'.repeat(100)}…message`)
  })

  test('joins a fingerprint without anything between', () => {
    expect(groupLikeGlitchtip({ ...log, fingerprint: ['a', '{{ default }}', 'b'] })).toBe('aorder 17jobmessageb')
  })
})

describe('crash-cache', () => {
  test('takes file, function and line of the in-app frames', () => {
    expect(groupLikeCrashCache(failed)).toBe('shop/cart.py:pay:12')
  })

  test('has no issue for an event without any', () => {
    expect(groupLikeCrashCache(log)).toBeNull()
    expect(groupLikeCrashCache(sampleEvent({ exceptions: [sampleException('E', 'x', [run])] }))).toBeNull()
  })
})
