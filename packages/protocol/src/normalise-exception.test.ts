import { describe, expect, test } from 'vitest'
import { imageFinder } from './image-offsets.ts'
import { normaliseExceptions } from './normalise-exception.ts'
import { normaliseStacktrace } from './normalise-stacktrace.ts'
import { placeStacks } from './place-stacks.ts'

const exceptionsOf = (exception: unknown) => normaliseExceptions(placeStacks({ exception }).exceptions, NO_IMAGES)

const names = (value: unknown) => exceptionsOf(value).map(({ type, value: text }) => `${type}|${text}`)
const mechanism = (value: unknown) => exceptionsOf({ type: 'E', mechanism: value })[0]?.mechanism
const NO_IMAGES = imageFinder(null)
const frame = (value: object) => normaliseStacktrace({ frames: [value] }, NO_IMAGES)?.frames[0]

describe('a list of exceptions of every shape', () => {
  test.each<[string, unknown, string[]]>([
    ['array', [{ type: 'A' }, { type: 'B' }], ['A|null', 'B|null']],
    ['values', { values: [{ type: 'A' }, { type: 'B' }] }, ['A|null', 'B|null']],
    ['a lone object', { type: 'A', value: 'x' }, ['A|x']],
    ['holes', { values: [null, { type: 'A' }, 7, 'x', []] }, ['A|null']],
    ['empty object', {}, []],
    ['null values', { values: null }, []],
    ['text', 'A', []],
    ['nothing', undefined, []],
  ])('%s', (_name, value, expected) => {
    expect(names(value)).toEqual(expected)
  })
})

describe('type and value', () => {
  test.each<[object, string[]]>([
    [{ type: 'A', value: { code: 1 } }, ['A|{"code":1}']],
    [{ type: 'A', value: 42 }, ['A|42']],
    [{ type: 'A', value: '' }, ['A|null']],
    [{ value: 'TypeError: x is null' }, ['TypeError|x is null']],
    [{ type: '', value: 'TypeError:\nx' }, ['TypeError|x']],
    [{ value: 'Failed to do it: x' }, ['null|Failed to do it: x']],
    [{ value: 'http://example.com' }, ['null|http://example.com']],
    [{ type: 'A', value: 'B: x' }, ['A|B: x']],
    [{ type: 7, value: 'x' }, ['null|x']],
    [{ type: null, value: null, stacktrace: { frames: [{}] } }, []],
    [{ module: 'm' }, []],
    [{ type: 'A', value: 'at http://u:p@h/?token=1' }, ['A|at http://h/?token=[masked]']],
  ])('%j', (value, expected) => {
    expect(names(value)).toEqual(expected)
  })
  test('are cut', () => {
    const [exception] = exceptionsOf({ type: 't'.repeat(300), value: 'v'.repeat(9000), module: 'm'.repeat(277) })
    expect([exception?.type?.length, exception?.value?.length, exception?.module?.length]).toEqual([256, 8192, 256])
  })
})

test('of a long chain both ends are kept', () => {
  const chain = exceptionsOf(Array.from({ length: 60 }, (_, i) => ({ type: `E${i}` })))
  expect(chain).toHaveLength(50)
  expect([chain[0]?.type, chain[24]?.type, chain[25]?.type, chain[49]?.type]).toEqual(['E0', 'E24', 'E35', 'E59'])
})

describe('a mechanism', () => {
  test('is read whole', () => {
    const value = {
      type: 'onerror',
      handled: false,
      synthetic: true,
      exception_id: 2,
      parent_id: 0,
      is_exception_group: true,
      meta: { ns_error: { domain: 'NSURLErrorDomain', code: -1009 } },
    }
    expect(mechanism(value)).toEqual({
      type: 'onerror',
      handled: false,
      synthetic: true,
      exceptionId: 2,
      parentId: 0,
      isExceptionGroup: true,
      code: 'NSURLErrorDomain -1009',
    })
  })
  test('without a type is generic, as old flat ones are', () => {
    expect(mechanism({ posix_signal: { signal: 11 } })).toMatchObject({ type: 'generic', handled: null })
    expect(mechanism({ handled: true })).toMatchObject({ type: 'generic', handled: true })
  })
  test.each([undefined, null, {}, [], 'generic', true])('of %j is none', (value) => {
    expect(mechanism(value)).toBeNull()
  })
  test.each([
    [{ errno: { number: 13, name: 'EACCES' } }, 'EACCES'],
    [{ errno: { number: 13 } }, 'errno 13'],
    [{ ns_error: { domain: 'NSURLErrorDomain' } }, null],
    [{ errno: 'EACCES', ns_error: [] }, null],
  ])('has the code of %j', (meta, code) => {
    expect(mechanism({ type: 'generic', meta })?.code).toBe(code)
  })
  test('has nothing of the wrong type', () => {
    expect(
      mechanism({ type: 7, handled: 'yes', synthetic: 1, exception_id: -1, parent_id: 1.5, is_exception_group: 'x' }),
    ).toEqual({
      type: 'generic',
      handled: null,
      synthetic: false,
      exceptionId: null,
      parentId: null,
      isExceptionGroup: false,
      code: null,
    })
  })
})

describe('a stack', () => {
  test.each([undefined, null, {}, [], { frames: null }, { frames: [] }, { frames: {} }, { frames: [null, 7] }])(
    '%j is none',
    (value) => {
      expect(normaliseStacktrace(value, NO_IMAGES)).toBeNull()
    },
  )
  test('of more than 250 frames keeps both ends', () => {
    const frames = normaliseStacktrace(
      { frames: Array.from({ length: 300 }, (_, i) => ({ lineno: i + 1 })) },
      NO_IMAGES,
    )?.frames
    expect(frames).toHaveLength(250)
    expect([0, 124, 125, 249].map((i) => frames?.[i]?.line)).toEqual([1, 125, 176, 300])
  })
  test('hangs on its exception under its old name too', () => {
    const [exception] = exceptionsOf({
      type: 'A',
      'sentry.interfaces.Stacktrace': { frames: [{ function: 'f' }] },
    })
    expect(exception?.stacktrace?.frames[0]?.function).toBe('f')
  })
})

describe('a frame', () => {
  test.each<[string | undefined, string | undefined, string | null, string | null]>([
    ['foo.js', '/srv/foo.js', 'foo.js', '/srv/foo.js'],
    ['foo.js', undefined, 'foo.js', 'foo.js'],
    [undefined, '/srv/foo.js', '/srv/foo.js', '/srv/foo.js'],
    ['', 'http://foo.com/a/foo.js?v=1#x', '/a/foo.js', 'http://foo.com/a/foo.js?v=1#x'],
    ['http://foo.com/foo.js', undefined, '/foo.js', 'http://foo.com/foo.js'],
    ['http://foo.com/foo.js', 'http://foo.com/bar.js', 'http://foo.com/foo.js', 'http://foo.com/bar.js'],
    [undefined, 'http://foo.com', 'http://foo.com', 'http://foo.com'],
    [undefined, 'http://foo.com/', 'http://foo.com/', 'http://foo.com/'],
    [undefined, 'file:///tmp/foo.js', '/tmp/foo.js', 'file:///tmp/foo.js'],
    [undefined, 'app:///index.bundle', 'app:///index.bundle', 'app:///index.bundle'],
    [undefined, 'webpack:///./app.jsx', 'webpack:///./app.jsx', 'webpack:///./app.jsx'],
    [undefined, 'http://u:p@foo.com/foo.js', '/foo.js', 'http://foo.com/foo.js'],
    [undefined, undefined, null, null],
  ])('with filename %j and abs_path %j is in %j at %j', (filename, abs_path, expected, absPath) => {
    expect(frame({ filename, abs_path })).toMatchObject({ filename: expected, absPath })
  })
  test('has lines from 1, and nothing of the wrong type', () => {
    expect(frame({ lineno: 7, colno: 1 })).toMatchObject({ line: 7, column: 1 })
    for (const bad of [0, -1, 1.5, '7', null, 2 ** 31, {}]) {
      expect(frame({ lineno: bad, colno: bad })).toMatchObject({ line: null, column: null })
    }
  })
  test('says whether it is in the app, or does not say', () => {
    expect([true, false, null, undefined, 'yes', 1].map((in_app) => frame({ in_app })?.inApp)).toEqual([
      true,
      false,
      null,
      null,
      null,
      null,
    ])
  })
  test('without a known function has none', () => {
    expect(['f', '?', '', 7].map((name) => frame({ function: name })?.function)).toEqual(['f', null, null, null])
  })
  test('has its source line, empty where only its neighbours came', () => {
    expect(frame({ context_line: '  x = 1' })?.contextLine).toBe('  x = 1')
    expect(frame({ context_line: null, pre_context: ['a'] })?.contextLine).toBe('')
    expect(frame({ post_context: ['a'] })?.contextLine).toBe('')
    expect(frame({ pre_context: [] })?.contextLine).toBeNull()
    expect(frame({ context_line: 'x'.repeat(100_000) })?.contextLine).toHaveLength(256)
  })
})
