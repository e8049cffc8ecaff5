import { expect, test } from 'vitest'
import type { EventId } from './brand.ts'
import { archiveEventId, itemKey, logKeys, securityReportKey } from './item-key.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc' as EventId

test('a key is an event id by its form, the same for the same parts and no others', () => {
  const key = itemKey('session', Buffer.from('{"sid":"1"}'))
  expect(key).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  expect(itemKey('session', Buffer.from('{"sid":"1"}'))).toBe(key)
  // What is cut in another place is something else.
  const others = [itemKey('session', '{"sid":"2"}'), itemKey('sess', 'ion{"sid":"1"}'), itemKey('session{"sid":"1"}')]
  expect(new Set([key, ...others]).size).toBe(4)
})

test('an event without an id gets one of its bytes; the header goes before the payload', () => {
  const hash = 'ab'.repeat(32)
  const other = 'f'.repeat(32) as EventId
  expect(archiveEventId({ eventId: ID, hash }, other)).toBe(ID)
  expect(archiveEventId({ eventId: null, hash }, other)).toBe(other)
  expect(archiveEventId({ eventId: null, hash }, null)).toBe('abababababab4babababababababababab'.slice(0, 32))
})

test('each log of a container, and each report of a list, has an id of its own', () => {
  const [keyOf, other] = [logKeys(Buffer.from('{"items":[]}')), logKeys(Buffer.from('{"items":[1]}'))]
  expect(new Set([keyOf(0), keyOf(1), other(0)]).size).toBe(3)
  expect(securityReportKey(ID, 0, false)).toBe(ID)
  expect(securityReportKey(ID, 0, true)).not.toBe(ID)
  expect(new Set([0, 1, 2].map((place) => securityReportKey(ID, place, false))).size).toBe(3)
})
