import { expect, test } from 'vitest'
import { ITEM_TYPES, isItemType, treatmentOf } from './item-type.ts'

test('every known type has a treatment', () => {
  const treated = ITEM_TYPES.map((type) => [type, treatmentOf(type)]).filter(([, to]) => to !== 'unsupported')
  expect(Object.fromEntries(treated)).toEqual({
    event: 'event',
    security: 'event',
    transaction: 'transaction',
    session: 'session',
    sessions: 'sessions',
    client_report: 'client_report',
    attachment: 'attachment',
    user_report: 'user_report',
    feedback: 'feedback',
    check_in: 'check_in',
    log: 'log',
    raw_security: 'raw_security',
    form_data: 'form_data',
  })
  expect(new Set(ITEM_TYPES).size).toBe(ITEM_TYPES.length)
})

test.each(['', 'Event', 'from_the_future', 'constructor', '__proto__', 'toString'])(
  '%j is unknown, not an error',
  (type) => {
    expect(isItemType(type)).toBe(false)
    expect(treatmentOf(type)).toBe('unsupported')
  },
)
