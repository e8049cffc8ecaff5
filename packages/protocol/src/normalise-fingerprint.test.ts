import { expect, test } from 'vitest'
import { normaliseFingerprint } from './normalise-fingerprint.ts'

test.each<[unknown, readonly string[]]>([
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [
    ['{{ default }}', 'x'],
    ['{{ default }}', 'x'],
  ],
  [
    [true, false, 3.5, -22, 0],
    ['True', 'False', '3', '-22', '0'],
  ],
  [
    ['a', '', null, {}, ['x'], 'd'],
    ['a', 'd'],
  ],
  [[-1e100, 2 ** 53], []],
  [[], []],
  ['a', []],
  [{ 0: 'a' }, []],
  [undefined, []],
])('%j becomes %j', (value, parts) => {
  expect(normaliseFingerprint(value)).toEqual(parts)
})

test('number and length of parts are bounded', () => {
  const parts = normaliseFingerprint(Array.from({ length: 1000 }, () => 'x'.repeat(9000)))
  expect(parts).toHaveLength(64)
  expect(parts[0]).toHaveLength(8192)
})
