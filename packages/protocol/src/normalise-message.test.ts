import { describe, expect, test } from 'vitest'
import { normaliseMessage } from './normalise-message.ts'
import { renderMessage } from './render-message.ts'

const message = (value: unknown) => normaliseMessage({ logentry: value })
const both = (template: string, formatted: string) => ({ template, formatted })
const plain = (formatted: string) => ({ template: null, formatted })

describe('a message of every shape', () => {
  test.each<[unknown, unknown]>([
    ['hi', plain('hi')],
    [{ formatted: 'hi' }, plain('hi')],
    [{ message: 'hi' }, plain('hi')],
    [{ message: 'hi', formatted: 'hi' }, plain('hi')],
    [{ message: 'hi %s', formatted: 'hi bob' }, both('hi %s', 'hi bob')],
    [{ message: 'hi %s', params: ['bob'] }, both('hi %s', 'hi bob')],
    [{ message: 'hi %s', params: 'bob' }, plain('hi %s')],
    [{ message: 'hi %s' }, plain('hi %s')],
    [{ message: { a: 1 } }, plain('{"a":1}')],
    [42, plain('42')],
    [true, plain('true')],
    [{ other: 1 }, plain('{"other":1}')],
    [['a'], plain('["a"]')],
    [false, null],
    [null, null],
    ['', null],
    [{ message: null, formatted: '' }, null],
  ])('%j', (value, expected) => {
    expect(message(value)).toEqual(expected)
  })
})

test('older names are read where logentry says nothing', () => {
  expect(normaliseMessage({ message: 'a' })).toEqual(plain('a'))
  expect(
    normaliseMessage({ logentry: {}, 'sentry.interfaces.Message': { message: 'b' }, message: 'a' })?.formatted,
  ).toBe('{}')
  expect(normaliseMessage({ logentry: null, 'sentry.interfaces.Message': { message: 'b' }, message: 'a' })).toEqual(
    plain('b'),
  )
  expect(normaliseMessage({ logentry: { message: '' }, message: 'a' })).toEqual(plain('a'))
})

test('both texts are cut and lose the secrets of URLs', () => {
  const { template, formatted } = message({ message: `http://u:p@x/ %s`, params: ['y'.repeat(20_000)] }) ?? both('', '')
  expect(template).toBe('http://x/ %s')
  expect(formatted).toMatch(/^http:\/\/x\/ y+\.\.\.$/)
  expect(formatted).toHaveLength(8192)
})

describe('parameters are filled in', () => {
  test.each<[string, unknown, string]>([
    ['hello, %s!', ['world'], 'hello, world!'],
    ['%d of %i', [1, 2.5], '1 of 2.5'],
    ['%(a)s %(b)r', { a: 'x', b: [1] }, 'x [1]'],
    ['%5.2f%%', [1], '1%'],
    ['%999999999d', [1], '1'],
    ['%s %s', ['a'], 'a %s'],
    ['%s', [null], 'null'],
    ['100% sure', ['x'], '100% sure'],
    ['hello, {}!', ['world'], 'hello, world!'],
    ['{0} {1} {0}', ['a', 'b'], 'a b a'],
    ['{name} {{x}} {missing}', { name: 'a' }, 'a {x} {missing}'],
    ['{0:d}', [7], '7'],
    ['{} {}', ['a'], 'a {}'],
    ['no placeholders', ['a'], 'no placeholders'],
    ['%(constructor)s %(__proto__)s', { a: 1 }, '%(constructor)s %(__proto__)s'],
    ['{toString} {length}', ['a'], '{toString} {length}'],
  ])('%s with %j', (template, params, expected) => {
    expect(renderMessage(template, params, 1000)).toBe(expected)
  })
  test('up to a bound, whatever they are', () => {
    const started = performance.now()
    const big = { a: Array.from({ length: 50_000 }, (_, i) => i) }
    expect(renderMessage('%(a)s'.repeat(1600), big, 1000)).toHaveLength(1000)
    expect(renderMessage('{a}'.repeat(2700), big, 1000)).toHaveLength(1000)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
