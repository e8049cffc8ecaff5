import { expect, test } from 'vitest'
import { perSec, spanBehind } from './commits.ts'

const COMMITS = [
  { atMs: 1_000, reports: 200 },
  { atMs: 1_100, reports: 200 },
  { atMs: 1_150, reports: 200 },
  { atMs: 1_300, reports: 100 },
]

test('the time of a batch is that between its commit and the one before', () => {
  expect(spanBehind(COMMITS, 0)).toEqual({ fromMs: 1_000, toMs: 1_300, events: 500 })
  expect(perSec(spanBehind(COMMITS, 0))).toBeCloseTo(500 / 0.3)
})

test('what warms up is not timed, nor what was committed together with it', () => {
  expect(spanBehind(COMMITS, 300)).toEqual({ fromMs: 1_100, toMs: 1_300, events: 300 })
  expect(spanBehind(COMMITS, 400)).toEqual({ fromMs: 1_100, toMs: 1_300, events: 300 })
})
