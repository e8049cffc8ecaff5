import { expect, test } from 'vitest'
import { matchAt } from './value.ts'

test('an expression matches where it is told to, or not at all', () => {
  expect(matchAt(/\d+/y, 'a17b', 1)).toBe(3)
  expect(matchAt(/\d+/y, 'a17b', 0)).toBe(-1)
})
