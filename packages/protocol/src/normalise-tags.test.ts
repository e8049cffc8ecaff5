import { describe, expect, test } from 'vitest'
import { normaliseTags } from './normalise-tags.ts'

const tagsOf = (value: unknown) => normaliseTags(value).tags.map(({ key, value: text }) => `${key}=${text}`)

describe('tags of every shape', () => {
  test.each<[string, unknown]>([
    ['object', { a: 'x', b: 1 }],
    [
      'pairs',
      [
        ['a', 'x'],
        ['b', 1],
      ],
    ],
    [
      'objects',
      [
        { key: 'a', value: 'x' },
        { key: 'b', value: 1 },
      ],
    ],
    [
      'mixed with junk',
      [null, 7, [], {}, ['a', 'x'], ['c'], [{}, 'x'], { key: 'b', value: 1 }, ['d', null], ['e', {}]],
    ],
  ])('%s', (_name, value) => {
    expect(tagsOf(value)).toEqual(['a=x', 'b=1'])
  })
  test.each([undefined, null, 'a=b', 7, [], {}])('%j holds none', (value) => {
    expect(normaliseTags(value)).toEqual({ tags: [], environment: null })
  })
})

test('the first occurrence of a key wins, also where later ones are spelled otherwise', () => {
  expect(
    tagsOf([
      ['a b', 1],
      ['a-b', 2],
      [' a b ', 3],
    ]),
  ).toEqual(['a-b=1'])
  expect(
    tagsOf([
      ['a', ''],
      ['a', 'x'],
      ['a', 'y'],
    ]),
  ).toEqual(['a=x'])
})

test('values are text of one line', () => {
  expect(tagsOf({ a: true, b: false, c: 1.9, d: '  x\r\ny\n', e: '', f: ' ', g: [] })).toEqual([
    'a=True',
    'b=False',
    'c=1',
    'd=x y',
  ])
})

test('keys with other characters, or too many, are no keys', () => {
  expect(tagsOf({ 'a/b': 1, ä: 1, '': 1, ' ': 1, ['x'.repeat(201)]: 1, 'ok.1:_-': 1, ['y'.repeat(200)]: 1 })).toEqual([
    'ok.1:_-=1',
    `${'y'.repeat(200)}=1`,
  ])
})

test('fields of their own are no tags, and environment moves out', () => {
  const value = { release: 1, dist: 1, user: 1, filename: 1, function: 1, environment: ' staging ', a: 1 }
  expect(normaliseTags(value)).toEqual({ tags: [{ key: 'a', value: '1' }], environment: 'staging' })
})

test('values named like secrets are masked, URLs lose theirs', () => {
  expect(tagsOf({ session_token: 'abc', url: 'http://u:p@x/?api_key=1&a=2' })).toEqual([
    'session_token=[masked]',
    'url=http://x/?api_key=[masked]&a=2',
  ])
})

test('length and number are bounded', () => {
  const { tags } = normaliseTags(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 'v'.repeat(500)])))
  expect(tags).toHaveLength(200)
  expect(tags[0]).toEqual({ key: 'k0', value: `${'v'.repeat(197)}...` })
})

test('keys every object inherits are keys like others', () => {
  expect(tagsOf(JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}'))).toEqual([
    '__proto__=x',
    'constructor=y',
    'toString=z',
  ])
})
