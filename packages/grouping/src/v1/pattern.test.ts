import { expect, test } from 'vitest'
import { either, eitherName, words } from './pattern.ts'

test('words stand apart by spaces and lines', () => {
  expect(words('\n  a b\n  c\n')).toEqual(['a', 'b', 'c'])
})

test('several patterns are one group', () => {
  const expression = new RegExp(`^${either([/a\d|b/, /c$/])}`)
  expect(['a1', 'bx', 'c', 'cx', 'xa1'].filter((text) => expression.test(text))).toEqual(['a1', 'bx', 'c'])
})

test('in names everything stands for itself', () => {
  const expression = new RegExp(`^${eitherName(['com.a', '+page', '*', 'a$b', '(x)', 'a\\b'])}$`)
  expect(['com.a', '+page', '*', 'a$b', '(x)', 'a\\b'].every((text) => expression.test(text))).toBe(true)
  expect(['comXa', 'page', 'a', ''].some((text) => expression.test(text))).toBe(false)
})
