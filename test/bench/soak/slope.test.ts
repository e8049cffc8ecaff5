import { expect, test } from 'vitest'
import { slopePerHour } from './slope.ts'

const points = (...values: number[]) => values.map((value, minute) => ({ minute, value }))

test('a line grows by its slope, whatever it starts from', () => {
  expect(slopePerHour(points(5, 7, 9, 11))).toBeCloseTo(120)
  expect(slopePerHour(points(3, 2, 1))).toBeCloseTo(-60)
})

test('what goes up and down is flat', () => {
  expect(slopePerHour(points(5, 9, 9, 5))).toBeCloseTo(0)
})

test('one moment, or none, tells nothing', () => {
  expect([slopePerHour(points(5)), slopePerHour([])]).toEqual([0, 0])
})
