import { expect, test } from 'vitest'
import { readPythonName } from './python-name.ts'

test.each([
  ['pay', 'pay'],
  ['Cart.pay', 'pay'],
  ['Cart.pay.<locals>.retry', 'retry'],
  ['Cart.pay.<locals>.<lambda>', 'pay'],
  ['pay.<locals>.<listcomp>', 'pay'],
  ['total.<locals>.<genexpr>', 'total'],
  ['<module>', '<module>'],
  ['<lambda>', '<lambda>'],
  ['__init__', '__init__'],
])('%s is %s, whatever the version of Python', (name, read) => {
  expect(readPythonName(name)).toBe(read)
})
