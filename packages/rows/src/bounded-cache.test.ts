import { expect, test } from 'vitest'
import { createBoundedCache } from './bounded-cache.ts'

test('the newest entries are remembered, and no more than the bound', () => {
  const cache = createBoundedCache<number>(3)
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
  ] as const)
    cache.set(key, value)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, 2, 3, 4])
})

test('an entry that is set again pushes nobody out', () => {
  const cache = createBoundedCache<number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.set('a', 3)
  expect([cache.get('a'), cache.get('b')]).toEqual([3, 2])
})

test('a value that counts as false is remembered like any other', () => {
  const cache = createBoundedCache<number>(1)
  cache.set('zero', 0)
  expect(cache.get('zero')).toBe(0)
})
