import { describe, expect, test } from 'vitest'
import { isHex, isIdentifier, isRandom, readWord } from './word.ts'

test('a word ends where neither letter nor digit stands', () => {
  expect(readWord('ab1_c', 0)).toEqual({ end: 3, digits: 1, hexLetters: 2, capitals: 0, turns: 1 })
  expect(readWord('é1x y', 0).end).toBe(3)
})

describe.each([
  ['deadbeef12', true],
  ['a1b2c3', true],
  ['a1b2c3d', true],
  ['1234567', false],
  ['decade', false],
  ['abc123', false],
  ['g1b2c3d', false],
])('%s', (text, isOne) => {
  test(isOne ? 'is hexadecimal' : 'is not hexadecimal', () => {
    expect(isHex(text.length, readWord(text, 0))).toBe(isOne)
  })
})

test.each([['SK441'], ['X7K2QP'], ['user1234567'], ['9s6XKzkNRiz8i3']])('%s was made by a machine', (text) => {
  expect(isIdentifier(text.length, readWord(text, 0))).toBe(true)
})

test.each([['utf8'], ['x86'], ['base64Encode'], ['E11000'], ['sha256'], ['Http404']])('%s is a word', (text) => {
  expect(isIdentifier(text.length, readWord(text, 0))).toBe(false)
})

test('random characters are told by how cases and digits take turns', () => {
  expect(isRandom('kJ8xQz4mPv2LrT9w')).toBe(true)
  expect(isRandom('getOrderTotalWithTaxes')).toBe(false)
  expect(isRandom('OrderNotFoundError')).toBe(false)
  expect(isRandom('kJ8xQz4m')).toBe(false)
})
