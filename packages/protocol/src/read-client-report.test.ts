import { expect, test } from 'vitest'
import { INTEGER_MAX } from './limits.ts'
import { readClientReport } from './read-client-report.ts'

const discarded = (...entries: unknown[]) => readClientReport({ discarded_events: entries })

test('the four lists, each with its reasons', () => {
  const sent = {
    timestamp: 1,
    discarded_events: [{ category: 'error', reason: 'sample_rate', quantity: 3 }],
    rate_limited_events: [{ category: 'session', reason: 'key_quota', quantity: 1 }],
    filtered_events: [
      { category: 'error', reason: 'web-crawlers', quantity: 2 },
      { category: 'error', reason: 'my own', quantity: 2 },
    ],
    filtered_sampling_events: [{ category: 'transaction', reason: 'Sampled:1', quantity: 5 }],
    from_the_future: [{ category: 'error', reason: 'sample_rate', quantity: 9 }],
  }
  expect(readClientReport(sent)).toEqual([
    { category: 'error', reason: 'sample_rate', quantity: 3 },
    { category: 'session', reason: 'rate_limited', quantity: 1 },
    { category: 'error', reason: 'web-crawlers', quantity: 2 },
    { category: 'error', reason: 'filtered', quantity: 2 },
    { category: 'transaction', reason: 'filtered_sampling', quantity: 5 },
  ])
})

test('unknown words are one word, and equal entries one sum', () => {
  const many = Array.from({ length: 500 }, (_, index) => ({ category: `c${index}`, reason: `r${index}`, quantity: 2 }))
  expect(discarded(...many, { quantity: 1 })).toEqual([{ category: 'other', reason: 'other', quantity: 1001 }])
  expect(discarded({ category: 'user_report_v2', reason: 'ignored', quantity: 1 })[0]?.category).toBe('feedback')
})

test.each([
  [1.9, 1],
  [1e300, INTEGER_MAX],
  [Number.POSITIVE_INFINITY, INTEGER_MAX],
])('a quantity of %j counts as %j', (quantity, counted) => {
  expect(discarded({ category: 'error', reason: 'ignored', quantity })[0]?.quantity).toBe(counted)
  const twice = { category: 'error', reason: 'ignored', quantity: INTEGER_MAX }
  expect(discarded(twice, twice)[0]?.quantity).toBe(INTEGER_MAX)
})

test.each([0, -1, 0.5, Number.NaN, '3', null, undefined])('a quantity of %j is no loss', (quantity) => {
  expect(discarded({ category: 'error', reason: 'ignored', quantity })).toEqual([])
})

test.each([{}, { discarded_events: null }, { discarded_events: [null, 1, []] }, { discarded_events: {} }])(
  '%j reports nothing',
  (sent) => {
    expect(readClientReport(sent)).toEqual([])
  },
)
