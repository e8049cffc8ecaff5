import { expect, test } from 'vitest'
import { eventIdFromHash, isNilEventId, parseEventId } from './event-id.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const DASHED = '9ec79c33-ec99-42ab-8353-589fcb2e04dc'

test.each([ID, ID.toUpperCase(), DASHED, DASHED.toUpperCase(), `{${DASHED}}`, `urn:uuid:${DASHED}`])(
  '%s is one and the same id',
  (text) => {
    expect(parseEventId(text)).toBe(ID)
  },
)

test.each([undefined, null, 12, {}, '', 'abc', `${ID}0`, ID.slice(1), `${ID} `, `${DASHED}\n`, 'g'.repeat(32)])(
  '%j is no id',
  (value) => {
    expect(parseEventId(value)).toBeNull()
    expect(isNilEventId(value)).toBe(false)
  },
)

test('the nil UUID is no id, or all events of a broken SDK would be one', () => {
  for (const nil of ['0'.repeat(32), '00000000-0000-0000-0000-000000000000']) {
    expect(parseEventId(nil)).toBeNull()
    expect(isNilEventId(nil)).toBe(true)
  }
})

test('an id made from a hash is a version 4 UUID and always the same', () => {
  const hash = Buffer.alloc(32, 0xff)
  expect(eventIdFromHash(hash)).toBe('ffffffffffff4fffbfffffffffffffff')
  expect(eventIdFromHash(Buffer.alloc(16))).toBe('00000000000040008000000000000000')
  expect(hash).toEqual(Buffer.alloc(32, 0xff))
  expect(parseEventId(eventIdFromHash(hash))).toBe(eventIdFromHash(hash))
  expect(() => eventIdFromHash(Buffer.alloc(15))).toThrow(RangeError)
})
