import { expect, test } from 'vitest'
import { addDays, dayOf } from './day.ts'
import { partitionName } from './partitioned-tables.ts'

test('a day is the UTC day, whatever the time zone of the process', () => {
  expect(dayOf(new Date('2026-11-21T23:59:59.999Z'))).toBe('2026-11-21')
  expect(dayOf(new Date('2026-11-22T00:00:00.000Z'))).toBe('2026-11-22')
  expect(dayOf(new Date('2026-11-22T00:30:00+02:00'))).toBe('2026-11-21')
})

test.for([
  ['2026-11-21', 0, '2026-11-21'],
  ['2026-12-31', 1, '2027-01-01'],
  ['2028-02-28', 1, '2028-02-29'],
  ['2027-02-28', 1, '2027-03-01'],
  ['2027-01-01', -1, '2026-12-31'],
  // The clocks of half the world change in between.
  ['2026-10-24', 2, '2026-10-26'],
  ['2026-11-21', 365, '2027-11-21'],
] as const)('%s and %i days is %s', ([day, days, expected]) => {
  expect(addDays(day, days)).toBe(expected)
})

test('a partition is named after its table and day', () => {
  expect(partitionName('archive', '2026-11-21')).toBe('archive_20261121')
})
