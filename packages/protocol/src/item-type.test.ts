import { expect, test } from 'vitest'
import { ITEM_TYPES, isItemType, treatmentOf } from './item-type.ts'

test('every known type has a treatment; only events are digested', () => {
  expect(ITEM_TYPES.filter((type) => treatmentOf(type) === 'digest')).toEqual(['event'])
  expect(new Set(ITEM_TYPES).size).toBe(ITEM_TYPES.length)
})

test.each(['', 'Event', 'from_the_future', 'constructor', '__proto__', 'toString'])(
  '%j is unknown, not an error',
  (type) => {
    expect(isItemType(type)).toBe(false)
    expect(treatmentOf(type)).toBe('unsupported')
  },
)
