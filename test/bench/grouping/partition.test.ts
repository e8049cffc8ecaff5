import { expect, test } from 'vitest'
import { membersOf, partitionByHashes } from './partition.ts'

test('an event joins the issue that owns any of its hashes, and its other hashes with it', () => {
  expect(partitionByHashes([['a', 'b'], ['c', 'b'], ['c'], ['d']])).toEqual([0, 0, 0, 1])
})

test('of two issues it could join it takes that of its first hash, and they stay two', () => {
  expect(partitionByHashes([['a'], ['b'], ['b', 'a'], ['a']])).toEqual([0, 1, 1, 0])
})

test('an event without a hash is alone', () => {
  expect(partitionByHashes([[], ['a'], [], ['a']])).toEqual([0, 1, 2, 1])
})

test('members are the places of the events, by issue', () => {
  expect(membersOf([4, 0, 4, 1])).toEqual([[0, 2], [1], [3]])
})
