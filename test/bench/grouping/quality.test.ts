import { expect, test } from 'vitest'
import { readClusters, UNSEEN } from '../../fixtures/read-clusters.ts'
import { F1_MIN } from './grouping-rows.ts'
import { labelledSet } from './labelled-set.ts'
import { measureMethods } from './measure-methods.ts'
import { METHODS } from './methods.ts'

const measured = measureMethods(labelledSet(readClusters()))
const unseen = measureMethods(labelledSet(readClusters(UNSEEN)))
const stack = f1Of(measured)

function f1Of(methods: typeof measured): number {
  return methods.find(({ method }) => method === 'stack')?.whole.pairwise.f1 ?? 0
}

test('stack groups the labelled events well enough; `pnpm bench grouping --mistakes` tells what is wrong', () => {
  expect(stack).toBeGreaterThanOrEqual(F1_MIN)
})

const rivals = measured.filter(({ method }) => !METHODS[method].isOurs)

test('all other trackers’ rules are measured', () => {
  expect(rivals.map(({ method }) => method)).toEqual(['sentry', 'rustrak', 'bugsink', 'glitchtip', 'crash-cache'])
})

test.each(rivals)('stack groups better than $method', ({ whole }) => {
  expect(stack).toBeGreaterThan(whole.pairwise.f1)
})

test.each(unseen.filter(({ method }) => !METHODS[method].isOurs))(
  'stack groups events no rule was tuned on better than $method',
  ({ whole }) => {
    expect(f1Of(unseen)).toBeGreaterThan(whole.pairwise.f1)
  },
)
