import { expect, test } from 'vitest'
import { countPairs, score } from './score.ts'

test('issues that are the bugs, whatever their numbers, are right in everything', () => {
  const right = { precision: 1, recall: 1, f1: 1 }
  expect(score([0, 0, 1, 2, 2], [7, 7, 0, 3, 3])).toEqual({ pairwise: right, bCubed: right, issuesCount: 3 })
})

test('one issue for everything finds every pair, and many wrong ones', () => {
  const { pairwise, bCubed, issuesCount } = score([0, 0, 1], [0, 0, 0])
  expect(pairwise).toEqual({ precision: 1 / 3, recall: 1, f1: 1 / 2 })
  expect(bCubed.precision).toBeCloseTo(5 / 9)
  expect(bCubed).toMatchObject({ recall: 1 })
  expect(bCubed.f1).toBeCloseTo(5 / 7)
  expect(issuesCount).toBe(1)
})

test('an issue for each event puts nothing wrong together, and finds no pair', () => {
  const { pairwise, bCubed, issuesCount } = score([0, 0, 1], [0, 1, 2])
  expect(pairwise).toEqual({ precision: 1, recall: 0, f1: 0 })
  expect(bCubed.precision).toBe(1)
  expect(bCubed.recall).toBeCloseTo(2 / 3)
  expect(bCubed.f1).toBeCloseTo(4 / 5)
  expect(issuesCount).toBe(3)
})

test('a bug that is split and an issue of three bugs, counted by hand', () => {
  // Pairs: 2 right, of 1 + 6 in issues and 3 + 1 of bugs. Events: 2 with 2/2 and 2/3, then 1 with 1/4 and 1/3, …
  const { pairwise, bCubed } = score([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1])
  expect(pairwise.precision).toBeCloseTo(2 / 7)
  expect(pairwise.recall).toBeCloseTo(1 / 2)
  expect(pairwise.f1).toBeCloseTo(4 / 11)
  expect(bCubed.precision).toBeCloseTo(7 / 12)
  expect(bCubed.recall).toBeCloseTo(7 / 9)
  expect(bCubed.f1).toBeCloseTo(2 / 3)
})

test('pairs are counted within parts', () => {
  expect(countPairs([0, 0, 0, 1, 1, 2])).toBe(4)
  expect(countPairs([])).toBe(0)
})

test('labels for other events are refused', () => {
  expect(() => score([0, 0], [0])).toThrow('2 labels for 1 events')
})
