import { describe, expect, test } from 'vitest'
import { parseEventJson } from './event-json.ts'

const parse = (text: string) => parseEventJson(Buffer.from(text))

test.each(['', ' ', 'x', '[]', '"{}"', 'null', '1', '{', '{"a":1}}', "{'a':1}", '{"a":NaNa}'])(
  '%j is no event',
  (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad_json', message: 'invalid JSON data' }))
  },
)

test('the error never quotes the payload', () => {
  try {
    parse('{"password":"hunter2"')
    expect.unreachable()
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain('hunter2')
  }
})

test('a byte order mark is no part of the event', () => {
  expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 })
})

test('a member named __proto__ is an ordinary one', () => {
  const event = parse('{"__proto__":{"level":"fatal"},"constructor":{"prototype":{"x":1}}}')
  expect(event.level).toBeUndefined()
  expect(Object.keys(event)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
  expect('x' in {}).toBe(false)
})

describe('NaN and Infinity', () => {
  test.each([
    ['{"a":NaN}', { a: null }],
    ['{"a":-NaN,"b":-Infinity,"c":[Infinity]}', { a: null, b: null, c: [null] }],
    ['{"a":"\\\\","b":NaN}', { a: '\\', b: null }],
    ['{"a":"\\"NaN","b":NaN}', { a: '"NaN', b: null }],
  ])('%s', (text, value) => {
    expect(parse(text)).toEqual(value)
  })
  test('are repaired in a megabyte in no time', () => {
    const text = `{"a":NaN,"b":"${'\\"'.repeat(400_000)}","c":[${'NaN,'.repeat(20_000)}0]}`
    const started = performance.now()
    expect(parse(text).a).toBeNull()
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('nesting', () => {
  test.each([
    ['arrays', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('200 KB and more of nested %s neither crash nor stall', (_name, deep) => {
    const started = performance.now()
    const event = parse(`{"level":"info","extra":${deep}}`)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(JSON.stringify(event).length).toBeLessThan(2000)
  })
  test('unclosed nesting is no JSON', () => {
    expect(() => parse(`{"a":${'['.repeat(200_000)}`)).toThrow(expect.objectContaining({ code: 'bad_json' }))
  })
  test('what lies within the bound is untouched', () => {
    const text = `{"a":${'[{"b":'.repeat(63)}[1]${'}]'.repeat(63)}}`
    expect(JSON.stringify(parse(text))).toBe(text)
    const deeper = `{"a":${'[{"b":'.repeat(63)}[[1]]${'}]'.repeat(63)}}`
    expect(JSON.stringify(parse(deeper))).toBe(deeper.replace('[[1]]', '[null]'))
  })
})
