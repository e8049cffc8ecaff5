import { describe, expect, test } from 'vitest'
import { cleanText, lenientText, readName, readText } from './text.ts'

const limit = { charsMax: 10, allowance: 2 }

describe('a text over its limit', () => {
  test.each([
    ['exactly the limit', 'x'.repeat(10), 'x'.repeat(10)],
    ['within the allowance', 'x'.repeat(12), 'x'.repeat(12)],
    ['one beyond it', 'x'.repeat(13), `${'x'.repeat(7)}...`],
    ['astral characters count once', '😀'.repeat(12), '😀'.repeat(12)],
    ['and are never halved', '😀'.repeat(13), `${'😀'.repeat(7)}...`],
    ['nor where they follow others', `ab${'😀'.repeat(12)}`, `ab${'😀'.repeat(5)}...`],
  ])('%s', (_name, text, expected) => {
    expect(cleanText(text, limit)).toBe(expected)
  })
})

test('NUL and lone surrogates are replaced, whole pairs are not', () => {
  expect(cleanText('a\0b\ud83dc\ude00', limit)).toBe('a\ufffdb\ufffdc\ufffd')
  expect(cleanText('\0\0😀', limit)).toBe('\ufffd\ufffd😀')
})

test('text is a non-empty string, a name one with something besides blanks', () => {
  expect([readText(' a ', limit), readText('', limit), readText(7, limit), readText(null, limit)]).toEqual([
    ' a ',
    null,
    null,
    null,
  ])
  expect([readName(' a ', limit), readName('  ', limit), readName(['a'], limit)]).toEqual(['a', null, null])
})

test.each<[unknown, string | null]>([
  ['x', 'x'],
  ['', ''],
  [true, 'True'],
  [false, 'False'],
  [0, '0'],
  [-0, '0'],
  [42, '42'],
  [-3.9, '-3'],
  [2 ** 63 + 2 ** 11, '9223372036854777856'],
  [2 ** 64, null],
  [-1e100, null],
  [Number.NaN, null],
  [null, null],
  [undefined, null],
  [{}, null],
  [['x'], null],
])('%j is leniently %j', (value, expected) => {
  expect(lenientText(value)).toBe(expected)
})
