import { sampleEvent, sampleException, sampleFrame } from '@rumen/grouping/sample-event'
import type { Event, Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sentryHashes } from './sentry.ts'
import { trimFunction } from './trim-function.ts'

const pay = sampleFrame({ function: 'pay', module: 'shop.cart', contextLine: '  charge( card )', line: 3, inApp: true })
const run = sampleFrame({ function: 'run', module: 'lib', filename: 'lib/run.py', inApp: false })
const event = (platform: string, frames: readonly Frame[], fields: Partial<Event> = {}) =>
  sampleEvent({ platform, exceptions: [sampleException('E', 'order 17', frames)], ...fields })

describe('variants', () => {
  test('the application’s frames come first, then all of them; the value counts no more', () => {
    expect(sentryHashes(event('python', [run, pay]))).toEqual([
      'E\nshop.cart\npay\ncharge( card )',
      'E\nlib\nrun\nshop.cart\npay\ncharge( card )',
    ])
  })

  test('both are one where all frames are the application’s', () => {
    expect(sentryHashes(event('python', [pay]))).toEqual(['E\nshop.cart\npay\ncharge( card )'])
  })

  test('the system’s alone counts where nothing is in-app, or the SDK did not say', () => {
    expect(sentryHashes(event('go', [run, { ...run, module: null, inApp: null }]))).toEqual([
      'E\nlib\nrun\nrun.py\nrun',
    ])
  })

  test('without a stack type and value count, varying parts replaced', () => {
    expect(sentryHashes(event('go', []))).toEqual(['E\norder <int>'])
    expect(sentryHashes(event('go', [sampleFrame({})]))).toEqual(['E\norder <int>'])
  })

  test('the type of a synthetic exception does not count', () => {
    const exceptions = [sampleException('SIGSEGV', 'x', [pay], { synthetic: true })]
    expect(sentryHashes(sampleEvent({ exceptions }))).toEqual(['shop.cart\npay'])
  })

  test('the stack of a thread comes before the message, of which the template counts', () => {
    const message = { template: 'order %s\n\nline\nmore', formatted: 'order 17' }
    expect(sentryHashes(sampleEvent({ message }))).toEqual(['order %s\nline...'])
    expect(sentryHashes(sampleEvent({ message, stacktrace: { frames: [pay] } }))).toEqual(['shop.cart\npay'])
  })
})

describe('frames', () => {
  const valuesOf = (platform: string, frame: Partial<Frame>) =>
    sentryHashes(event(platform, [sampleFrame({ inApp: true, ...frame })]))[0]

  test('a module hides the file, of which the name alone counts in lower case', () => {
    expect(valuesOf('python', { module: 'a.b', filename: 'a/b.py', function: 'f' })).toBe('E\na.b\nf')
    expect(valuesOf('python', { filename: 'C:\\app\\Main.py', function: 'f' })).toBe('E\nmain.py\nf')
  })

  test('of JavaScript neither addresses nor unnamed functions count', () => {
    const url = { filename: 'https://shop.example/app.js', absPath: 'https://shop.example/app.js' }
    expect(valuesOf('javascript', { ...url, function: 'Cart.pay' })).toBe('E\npay')
    expect(valuesOf('javascript', { ...url, function: '<anonymous>', contextLine: 'pay()' })).toBe('E\npay()')
    expect(valuesOf('javascript', { ...url, function: 'eval', contextLine: 'pay()' })).toBe('E\norder <int>')
    expect(valuesOf('javascript', { ...url, contextLine: 'pay()' })).toBe('E\norder <int>')
  })

  test('long source lines, and those of other platforms, do not count', () => {
    expect(valuesOf('node', { function: 'f', contextLine: 'x'.repeat(121) })).toBe('E\nf')
    expect(valuesOf('go', { function: 'f', contextLine: 'x' })).toBe('E\nf')
  })

  test('generated names lose what a build or a run adds', () => {
    expect(valuesOf('java', { module: 'a.B$$EnhancerByCGLIB$$1f2e', function: 'lambda$x$0' })).toBe(
      'E\na.B$$EnhancerByCGLIB$$<auto>',
    )
    expect(valuesOf('java', { module: 'a.B$$Lambda$12', filename: 'B.java', function: 'f' })).toBe('E\nb.java\nf')
    expect(valuesOf('ruby', { function: 'block (2 levels) in run' })).toBe('E\nblock')
    expect(valuesOf('ruby', { function: '_app_show__1234_5678' })).toBe('E\n_app_show')
    expect(valuesOf('php', { function: 'class@anonymous/a.php::go' })).toBe('E\ngo')
  })

  test('a frame that calls itself counts once', () => {
    expect(sentryHashes(event('go', [pay, pay, { ...pay, line: 4 }]))).toEqual(['E\nshop.cart\npay\nshop.cart\npay'])
  })
})

describe('built-in rules', () => {
  test('libraries are not the application, whatever the SDK says', () => {
    const library = { ...pay, absPath: '/app/node_modules/x/y.js' }
    expect(sentryHashes(event('node', [library, pay]))[0]).toBe('E\nshop.cart\npay\ncharge( card )')
  })

  test('frames of the runtime are noise in both variants', () => {
    const ticks = sampleFrame({ function: 'processTicksAndRejections', filename: 'node:internal', inApp: false })
    expect(sentryHashes(event('node', [ticks, pay]))).toEqual(['E\nshop.cart\npay\ncharge( card )'])
  })

  test('what comes after a throw is noise', () => {
    const frames = ['main', '__cxa_throw', 'handler'].map((name) => sampleFrame({ function: name, inApp: true }))
    expect(sentryHashes(event('native', frames))).toEqual(['E\nmain'])
  })

  test('what stands below the base of a thread is noise', () => {
    const frames = ['entry', 'wWinMain', 'work'].map((name) => sampleFrame({ function: name, inApp: true }))
    expect(sentryHashes(event('native', frames))).toEqual(['E\nwork'])
  })

  test('chunks that cannot be loaded are one issue', () => {
    const exceptions = [sampleException('ChunkLoadError', 'chunk 5', [pay])]
    expect(sentryHashes(sampleEvent({ platform: 'javascript', exceptions }))).toEqual(['chunkloaderror'])
  })
})

describe('chains', () => {
  const one = (type: string, exceptionId: number, parentId: number | null = 0) =>
    sampleException(type, type, [], { exceptionId, parentId })
  const group = sampleException('Group', '2', [], { exceptionId: 0, isExceptionGroup: true })
  const hashesOf = (exceptions: Event['exceptions']) => sentryHashes(sampleEvent({ exceptions }))

  test('count exception by exception', () => {
    expect(hashesOf([sampleException('A', 'a'), sampleException('B', 'b')])).toEqual(['A\na\nB\nb'])
  })

  test('an exception without a stack counts beside the application’s frames alone', () => {
    expect(hashesOf([sampleException('Cause', 'lost'), sampleException('E', 'gone', [run, pay])])).toEqual([
      'Cause\nlost\nE\nshop.cart\npay',
      'E\nlib\nrun\nshop.cart\npay',
    ])
  })

  test('of a group whose members are alike the first one and its cause count', () => {
    expect(hashesOf([one('Cause', 3, 1), one('A', 2), one('A', 1), group])).toEqual(['A\nA\nCause\nCause'])
  })

  test('of a mixed group one of each kind and the group count', () => {
    expect(hashesOf([one('A', 3), one('B', 2), one('A', 1), group])).toEqual(['B\nB\nA\nA\nGroup\n<int>'])
  })

  test('ids that make no tree change nothing', () => {
    expect(hashesOf([one('A', 1), one('A', 1), group])).toEqual(['A\nA\nA\nA\nGroup\n<int>'])
  })
})

describe('fingerprints', () => {
  const of = (fingerprint: readonly string[]) =>
    sentryHashes(event('go', [run, pay], { fingerprint, tags: [{ key: 'shop', value: 'b' }] }))

  test('decide alone, with variables filled in', () => {
    expect(of(['a', '{{ error.type }}', '{{tags.shop}}', '{{ tags.none }}', '{{ transaction }}'])).toEqual([
      'a\nE\nb\n<no-value-for-tag-none>\n<no-transaction>',
    ])
    expect(of(['{{ function }}', '{{ unknown }}'])).toEqual(['pay\n{{ unknown }}'])
  })

  test('are added to each hash where they name the default', () => {
    expect(of(['{{default}}', 'a'])).toEqual(['E\nshop.cart\npay\na', 'E\nlib\nrun\nshop.cart\npay\na'])
    expect(of(['{{ default }}'])).toEqual(['E\nshop.cart\npay', 'E\nlib\nrun\nshop.cart\npay'])
  })
})

test.each([
  ['void std::vector<int, std::allocator<int>>::push_back(int const&) const', 'std::vector<T>::push_back'],
  ['<alloc::vec::Vec<T> as core::ops::Drop>::drop::h0123456789abcdef', 'alloc::vec::Vec<T>::drop'],
  ['operator<<(std::ostream&, Cart const&)', 'operator<<'],
  ['main::{lambda(int)#1}::operator()(int) const', 'main::lambda::operator()'],
  ['(anonymous namespace)::pay(int)', '(anonymous namespace)::pay'],
  ['closure #1 in Cart.pay() -> Int', 'closure in Cart.pay'],
  ['-[Cart pay:]', '-[Cart pay:]'],
  ['memcpy@@GLIBC_2.14', 'memcpy'],
  ['_pay@8', '_pay'],
])('%s is %s', (name, trimmed) => {
  expect(trimFunction(name, 'native')).toBe(trimmed)
})
