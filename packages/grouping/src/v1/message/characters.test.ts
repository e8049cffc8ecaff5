import { expect, test } from 'vitest'
import { classOf, DIGIT, HEX_LETTER, isDigitAt, isWordAt, LETTER, OTHER } from './characters.ts'

test.each([
  ['7', DIGIT],
  ['f', HEX_LETTER],
  ['A', HEX_LETTER],
  ['g', LETTER],
  ['é', LETTER],
  ['漢', LETTER],
  ['µ', LETTER],
  ['_', OTHER],
  [' ', OTHER],
  ['—', OTHER],
  ['“', OTHER],
  ['«', OTHER],
  ['、', OTHER],
])('%s is of its class', (character, kind) => {
  expect(classOf(character.charCodeAt(0))).toBe(kind)
})

test('behind the end stands nothing', () => {
  expect(isWordAt('a', 1)).toBe(false)
  expect(isWordAt('a', -1)).toBe(false)
  expect(isDigitAt('7', 0)).toBe(true)
  expect(isDigitAt('7', 1)).toBe(false)
})
