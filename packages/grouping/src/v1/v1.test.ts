import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

test('a key is its parts, joined; its hash is the SHA-256 of it', () => {
  const event = sampleEvent({ exceptions: [sampleException('Error', 'order 17: ENOENT')], transaction: '/' })
  const key = 'Error: order <*>: ENOENT ⋄ ENOENT'
  expect(groupV1(event, 'stack')).toEqual({
    key,
    parts: [
      { kind: 'message', text: 'Error: order <*>: ENOENT' },
      { kind: 'code', text: 'ENOENT' },
    ],
    hash: createHash('sha256').update(key).digest(),
    components: [
      {
        kind: 'message',
        source: 'order 17: ENOENT',
        text: 'Error: order <*>: ENOENT',
        reason: 'no place is known',
      },
      { kind: 'code', source: 'ENOENT', text: 'ENOENT', reason: 'a code of the failure' },
    ],
  })
  expect(groupV1(event, 'transaction').key).toBe('Error: order 17: ENOENT ⋄ /')
})

describe('a long key', () => {
  const long = (last: string) => sampleEvent({ fingerprint: ['a'.repeat(5000), `${'😀'.repeat(2000)}${last}`, 'end'] })

  test('is cut to 8 KiB between two characters, and so are its parts', () => {
    const { key, parts } = groupV1(long('x'), 'stack')
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(8192)
    expect(Buffer.byteLength(key)).toBeGreaterThan(8192 - 8)
    expect(key.isWellFormed()).toBe(true)
    expect(key).toBe(parts.map((part) => part.text).join(' ⋄ '))
    expect(key.endsWith('😀…')).toBe(true)
  })

  test('still tells two issues apart by what was cut away, and explains itself in full', () => {
    expect(groupV1(long('x'), 'stack').hash).not.toEqual(groupV1(long('y'), 'stack').hash)
    expect(groupV1(long('x'), 'stack').key).toBe(groupV1(long('y'), 'stack').key)
    expect(groupV1(long('x'), 'stack').components.at(-1)?.text).toBe('end')
  })

  test('of exactly 8 KiB is whole', () => {
    const text = 'ä'.repeat(4096)
    expect(groupV1(sampleEvent({ fingerprint: [text] }), 'stack').key).toBe(text)
    expect(groupV1(sampleEvent({ fingerprint: [`${text}b`] }), 'stack').key.endsWith('ä…')).toBe(true)
  })
})
