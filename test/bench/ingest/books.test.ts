import { expect, test } from 'vitest'
import type { LoadResult } from '../load/generate.ts'
import { audit } from './books.ts'

const LATENCY = { p50: 1, p99: 1, p999: 1, max: 1 }
const LOAD: LoadResult = {
  ...{ answered: 10, refused: {}, unanswered: 0, seconds: 1, latencyMs: LATENCY, lagMs: null, cpuShare: 0.1 },
}
const BEFORE = { archives: 5, jobs: 5, reports: 0 }

test('books that balance are no fault, whether digested or not', () => {
  expect(audit('load', LOAD, BEFORE, { archives: 15, jobs: 15, reports: 0 })).toEqual([])
  expect(audit('load', LOAD, BEFORE, { archives: 15, jobs: 0, reports: 15 })).toEqual([])
})

test.for([
  ['an answer without an archive', LOAD, { archives: 14, jobs: 14, reports: 0 }],
  ['an archive without an answer', LOAD, { archives: 16, jobs: 16, reports: 0 }],
  ['an archive without a job', LOAD, { archives: 15, jobs: 14, reports: 0 }],
  ['a refusal', { ...LOAD, refused: { 429: 3 } }, { archives: 15, jobs: 15, reports: 0 }],
  ['a request without an answer', { ...LOAD, unanswered: 1 }, { archives: 15, jobs: 15, reports: 0 }],
] as const)('%s is a fault', ([, load, after]) => {
  expect(audit('load', load, BEFORE, after)).toHaveLength(1)
})
