import { expect, test } from 'vitest'
import { before } from './before.ts'

test('a text ends before the first mark, or stays whole', () => {
  expect(before('a$b$c', '$')).toBe('a')
  expect(before('abc', '$')).toBe('abc')
})
