import type { Exception, Mechanism } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../../sample-event.ts'
import { readChain } from '../exception/chain.ts'
import { isMixed, withoutRace } from './race.ts'

function failed(type: string, name: string, mechanism: Partial<Mechanism> | null = null, value = 'x'): Exception {
  return sampleException(type, value, [sampleFrame({ function: name, filename: 'cart.py' })], mechanism)
}

const group = sampleException('ExceptionGroup', 'several', [], { isExceptionGroup: true, exceptionId: 0 })

function chainOf(...held: readonly Exception[]) {
  return withoutRace(readChain(sampleEvent({ exceptions: [...held, group] })), 'python')
}

test('whichever failed first, the exceptions of a group stand in one order', () => {
  const [one, two, three] = [failed('A', 'pay'), failed('B', 'pay'), failed('A', 'ship')]
  const { causes, root } = chainOf(one, two, three)
  expect(root).toBe(causes[0])
  for (const order of [
    [three, two, one],
    [two, one, three],
    [three, one, two],
  ]) {
    expect(chainOf(...order).causes).toEqual(causes)
  }
})

test('also where only their texts tell them apart, but not by what varies in these', () => {
  const [one, two] = [failed('A', 'pay', null, 'no cart 17'), failed('A', 'pay', null, 'no money 4')]
  expect(chainOf(two, one).causes).toEqual(chainOf(one, two).causes)
  const later = failed('A', 'pay', null, 'no cart 99')
  expect(chainOf(two, later).causes).toEqual([later, two])
})

test('what one of them was caused by stays before it', () => {
  const cause = failed('Z', 'read', { exceptionId: 2, parentId: 1 })
  const wrapper = failed('M', 'pay', { exceptionId: 1, parentId: 0 })
  const other = failed('A', 'ship', { exceptionId: 3, parentId: 0 })
  expect(chainOf(cause, wrapper).causes).toEqual([cause, wrapper])
  expect(chainOf(cause, wrapper, other).causes).toEqual([other, cause, wrapper])
  expect(chainOf(other, cause, wrapper).causes).toEqual([other, cause, wrapper])
})

test('ids that go round in a circle do no harm', () => {
  const one = failed('A', 'pay', { exceptionId: 1, parentId: 2 })
  const two = failed('B', 'ship', { exceptionId: 2, parentId: 1 })
  expect(chainOf(one, two).causes).toHaveLength(2)
})

test('a chain without a group is in order as it is', () => {
  const exceptions = [failed('Z', 'read'), failed('A', 'pay')]
  expect(withoutRace(readChain(sampleEvent({ exceptions })), 'python').causes).toEqual(exceptions)
})

test('a group is mixed when its exceptions differ in type or place', () => {
  const mixed = (...held: readonly Exception[]) =>
    isMixed(readChain(sampleEvent({ exceptions: [...held, group] })), 'python')
  expect(mixed(failed('A', 'pay'), failed('A', 'pay', null, 'y'))).toBe(false)
  expect(mixed(failed('A', 'pay'), failed('B', 'pay'))).toBe(true)
  expect(mixed(failed('A', 'pay'), failed('A', 'ship'))).toBe(true)
  const chain = readChain(sampleEvent({ exceptions: [failed('A', 'pay'), failed('B', 'pay')] }))
  expect(isMixed(chain, 'python')).toBe(false)
})
