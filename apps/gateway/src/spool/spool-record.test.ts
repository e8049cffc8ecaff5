import { hash } from 'node:crypto'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { describe, expect, test } from 'vitest'
import { bodyOf, makeRecord, makeUnverifiedRecord } from '../../fixtures/make-record.ts'
import { decodeSegment } from './decode-segment.ts'
import { encodeRecord, MARKER_BYTES, markRecord, type SpoolRecord } from './spool-record.ts'

const MARKER = Buffer.from('00ff10ef20df30cf', 'hex')
const OTHER_MARKER = Buffer.from('ff00ff00ff00ff00', 'hex')

function written(record: SpoolRecord, marker = MARKER): Buffer {
  return Buffer.concat(markRecord(encodeRecord(record), marker))
}

/** What is read of these bytes: bodies of records, and sizes of what is none. */
function read(bytes: Buffer): (string | number)[] {
  return [...decodeSegment(bytes, MARKER)].map((decoded) =>
    decoded.kind === 'record' ? bodyOf(decoded.record) : decoded.bytes.length,
  )
}

/** Whole numbers below `bound`, the same ones for the same seed. */
function random(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

describe('a record', () => {
  const TEXTS = ['', '{}', '\0', '"\\\n', 'Zürich 😀', '\ud800', '\udc00\ud800', 'x'.repeat(512)]
  const ENDPOINTS = ['envelope', 'store', 'security', 'nel', 'minidump', 'attachments', 'cron', 'feedback'] as const

  function anyRecord(below: (bound: number) => number): SpoolRecord {
    const text = () => TEXTS[below(TEXTS.length)] ?? ''
    const orNull = <T>(value: T) => (below(3) === 0 ? null : value)
    const hex = (length: number) => Array.from({ length }, () => below(16).toString(16)).join('')
    const fill = [MARKER, OTHER_MARKER, written(makeRecord('inner')), Buffer.alloc(0)][below(4)] ?? MARKER
    const body = Buffer.concat([Buffer.from(hex(below(300))), fill, Buffer.from(hex(below(300)))])
    const { receipt } = makeRecord(body, {
      projectId: parseProjectId(String(BigInt(below(2 ** 32)) * BigInt(below(2 ** 32)))),
      receivedAt: new Date(below(2 ** 41)),
      eventId: orNull(parseEventId(hex(31) + 1)),
      endpoint: ENDPOINTS[below(ENDPOINTS.length)] ?? 'envelope',
      contentType: orNull(text()),
      encoding: text(),
      clientIp: orNull(text()),
      userAgent: orNull(text()),
      sentryClient: orNull(text()),
      queryRelease: orNull(text()),
      queryEnvironment: orNull(text()),
      wireBytes: below(2 ** 31),
    })
    return {
      receipt: { ...receipt, queue: below(2) === 0 ? 'digest' : 'digest-excess', priority: below(200) - 100 },
      publicKey: orNull(parsePublicKey(hex(32))),
    }
  }

  test('comes back exactly as it was, whatever stands in it', () => {
    const below = random(20_260_101)
    const records = Array.from({ length: 500 }, () => anyRecord(below))
    const decoded = [...decodeSegment(Buffer.concat(records.map((record) => written(record))), MARKER)]
    expect(decoded).toEqual(records.map((record) => ({ kind: 'record', record })))
  })

  test('without a body comes back', () => {
    expect(read(written(makeRecord('')))).toEqual([''])
  })

  test('keeps the day it was received, not the one it is read on', () => {
    const record = makeRecord('old', { receivedAt: new Date('2001-02-03T23:59:59.999Z') })
    const [decoded] = decodeSegment(written(record), MARKER)
    expect(decoded).toMatchObject({ record: { receipt: { archive: { day: '2001-02-03' } } } })
  })

  test('whose body is not what its hash says is damage, though its checksum holds', () => {
    const forged = makeRecord('body', { hash: hash('sha256', 'another body', 'buffer') })
    expect(read(Buffer.concat([written(forged), written(makeRecord('next'))]))).toEqual([
      written(forged).length,
      'next',
    ])
  })

  test('with a head that no gateway of this version writes costs no other', () => {
    const strange = makeRecord('strange', { day: 'yesterday' })
    expect(read(Buffer.concat([written(strange), written(makeRecord('next'))]))).toEqual([
      written(strange).length,
      'next',
    ])
  })
})

describe('a damaged segment', () => {
  const [first, middle, last] = ['first', 'middle', 'last'].map((body) => written(makeRecord(body)))
  if (!first || !middle || !last) throw new Error('no records')

  test('torn at any byte of its last record gives all before it', () => {
    const whole = Buffer.concat([first, middle, last])
    for (let cut = 1; cut < last.length; cut++) {
      const bytes = whole.subarray(0, whole.length - cut)
      const decoded = [...decodeSegment(bytes, MARKER)]
      expect(read(bytes), `${cut} bytes missing`).toEqual(['first', 'middle', last.length - cut])
      expect(decoded.at(-1), `${cut} bytes missing`).toMatchObject({ kind: 'damage', isCut: true })
    }
  })

  test('with any byte of a record flipped gives all the others, and is not taken for a torn one', () => {
    for (let at = 0; at < middle.length; at++) {
      const flipped = Buffer.from(middle)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
      const bytes = Buffer.concat([first, flipped, last])
      expect(read(bytes), `byte ${at} flipped`).toEqual(['first', middle.length, 'last'])
      expect([...decodeSegment(bytes, MARKER)][1], `byte ${at} flipped`).toMatchObject({ isCut: false })
    }
  })

  test('with bytes missing or too many in its middle gives all that is whole', () => {
    expect(read(Buffer.concat([first, middle.subarray(0, 40), last]))).toEqual(['first', 40, 'last'])
    expect(read(Buffer.concat([first, Buffer.alloc(4_096), last]))).toEqual(['first', 4_096, 'last'])
    expect(read(Buffer.concat([middle.subarray(9), last]))).toEqual([middle.length - 9, 'last'])
  })

  test('of nothing but noise gives nothing', () => {
    const below = random(7)
    const noise = Buffer.from(Array.from({ length: 10_000 }, () => below(256)))
    expect(read(noise)).toEqual([noise.length])
    expect(read(Buffer.alloc(0))).toEqual([])
  })

  test('ending in the last bytes of a record that was overwritten is not taken for a torn one', () => {
    const bytes = Buffer.concat([first, Buffer.alloc(last.length)])
    expect([...decodeSegment(bytes, MARKER)][1]).toMatchObject({ kind: 'damage', isCut: false })
  })

  test('never yields a record that a stranger wrote into a body', () => {
    const forged = written(makeRecord('forged', { projectId: parseProjectId('999') }), OTHER_MARKER)
    const carrier = written(makeRecord(Buffer.concat([forged, forged])))
    carrier[MARKER_BYTES] = (carrier[MARKER_BYTES] ?? 0) ^ 1
    expect(read(Buffer.concat([carrier, last]))).toEqual([carrier.length, 'last'])
  })

  test('gives a record of an unverified sender with its key', () => {
    const record = makeUnverifiedRecord('who')
    const [, decoded] = decodeSegment(Buffer.concat([Buffer.from('?'), written(record)]), MARKER)
    expect(decoded).toEqual({ kind: 'record', record })
  })
})
