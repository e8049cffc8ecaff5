import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Coding } from './content-encoding.ts'
import { ProtocolError } from './protocol-error.ts'
import { decodeStoreBody, openStoreBody, readStoreEventId, storeQueryBody } from './store-body.ts'

const JSON_TEXT = '{"event_id":"9EC79C33-ec99-42ab-8353-589fcb2e04dc","message":"ä"}'
const json = Buffer.from(JSON_TEXT)

describe('the body of /store/', () => {
  test.each([
    ['JSON', json],
    ['JSON behind white space', Buffer.from(`\n ${JSON_TEXT}`)],
    ['base64 of JSON', Buffer.from(json.toString('base64'))],
    ['base64 of JSON over several lines', Buffer.from(json.toString('base64').replace(/.{20}/g, '$&\r\n'))],
    ['base64url of JSON', Buffer.from(json.toString('base64url'))],
    ['base64 of zlib of JSON, as raven sends it', Buffer.from(deflateSync(json).toString('base64'))],
  ])('%s', (_name, body) => {
    expect(decodeStoreBody(body, 1000).toString().trim()).toBe(JSON_TEXT)
  })
  test.each(['hello, world', '[]', '"text"', 'aGVsbG8=', gzipSync(json).toString('base64'), 'eJyrVg==', '='])(
    '%j is neither',
    (body) => {
      expect(() => decodeStoreBody(Buffer.from(body), 1000)).toThrow(
        expect.objectContaining({ code: 'undecodable_body', message: 'invalid request body' }),
      )
    },
  )
  test('an empty one is named as one', () => {
    expect(() => decodeStoreBody(Buffer.alloc(0), 1000)).toThrow('empty request body')
  })
  test('the cap counts what comes in and what comes out', () => {
    const big = Buffer.from(`{"a":"${'x'.repeat(2000)}"}`)
    const packed = Buffer.from(deflateSync(big).toString('base64'))
    expect(decodeStoreBody(packed, big.length)).toEqual(big)
    expect(() => decodeStoreBody(packed, big.length - 1)).toThrow(
      expect.objectContaining({ code: 'decoded_too_large' }),
    )
    expect(() => decodeStoreBody(big, big.length - 1)).toThrow(
      expect.objectContaining({ code: 'decoded_too_large', message: 'event exceeds MAX_EVENT_BYTES' }),
    )
  })
})

describe('an event of the greatest size', () => {
  const eventBytesMax = 30_000
  const largest = Buffer.from(
    `{"a":"${Array.from({ length: 3_700 }, (_, i) => (i * 2_654_435_761).toString(36)).join('')}`,
  )
  const event = Buffer.concat([largest.subarray(0, eventBytesMax - 2), Buffer.from('"}')])
  const lines = (bytes: Buffer, width: number) => bytes.toString('base64').replace(RegExp(`.{${width}}`, 'g'), '$&\r\n')

  test.each<[string, string | Buffer]>([
    ['as it is', event],
    ['in base64', event.toString('base64')],
    ['in base64 of lines (MIME)', lines(event, 76)],
    ['in base64 of lines (PEM)', lines(event, 64)],
    ['in base64 of zlib', deflateSync(event).toString('base64')],
    ['in base64 of zlib that saves nothing', deflateSync(event, { level: 0 }).toString('base64')],
  ])('is taken %s, and one byte more is not', (_name, body) => {
    expect(event).toHaveLength(eventBytesMax)
    expect(decodeStoreBody(Buffer.from(body), eventBytesMax)).toEqual(event)
    expect(openStoreBody({ body: gzipSync(body), codings: ['gzip'], contentType: null, eventBytesMax })).toEqual({
      kind: 'event',
      json: event,
    })
    expect(() => decodeStoreBody(Buffer.from(body), eventBytesMax - 1)).toThrow('event exceeds MAX_EVENT_BYTES')
  })
})

describe('what was posted to /store/', () => {
  const ENCODE = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
  const CODINGS: readonly Coding[] = ['gzip', 'deflate', 'br', 'zstd']
  const ENVELOPE = `{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n{"type":"event"}\n${JSON_TEXT}`

  const SPACES = Buffer.alloc(64 * 1024 * 1024, ' ')
  /** At its usual quality brotli takes seconds for them. */
  const BROTLI_BOMB = brotliCompressSync(SPACES, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })

  /** Of more than one block, for zstd gives only whole ones. */
  const NOISE = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, at) => Math.imul(at, 2_654_435_761) >>> 24))

  function open(body: string | Buffer, codings: readonly Coding[] = [], contentType: string | null = null) {
    try {
      return openStoreBody({ body: Buffer.from(body), codings, contentType, eventBytesMax: 1_000 })
    } catch (error) {
      return error instanceof ProtocolError ? [error.code, error.message] : error
    }
  }

  const tooLarge = ['decoded_too_large', 'event exceeds MAX_EVENT_BYTES']

  describe.each(CODINGS)('in %s', (coding) => {
    test('an event is decoded, an envelope is told', () => {
      expect(open(ENCODE[coding](json), [coding])).toEqual({ kind: 'event', json })
      expect(open(ENCODE[coding](Buffer.from(ENVELOPE)), [coding])).toEqual({ kind: 'envelope' })
    })
    test('an envelope may be larger than any event, an event may not', () => {
      const large = Buffer.from(`${ENVELOPE}${' '.repeat(500_000)}`)
      expect(open(ENCODE[coding](large), [coding])).toEqual({ kind: 'envelope' })
      const event = Buffer.from(`{"a":"${'x'.repeat(500_000)}"}`)
      expect(open(ENCODE[coding](event), [coding])).toEqual(tooLarge)
    })
    test('a bomb is never unfolded', () => {
      const bomb = coding === 'br' ? BROTLI_BOMB : ENCODE[coding](SPACES)
      const start = process.memoryUsage().arrayBuffers
      expect(open(bomb, [coding])).toEqual(tooLarge)
      // One byte of brotli may release a whole meta-block of 16 MiB: first in pieces, then in one.
      expect(process.memoryUsage().arrayBuffers - start).toBeLessThan(48 * 1024 * 1024)
    })
    test('a cut event is refused; a cut envelope is told, its cut is found in the digest', () => {
      const event = ENCODE[coding](json)
      expect(open(event.subarray(0, -5), [coding])).toEqual(['undecodable_body', 'invalid request body'])
      const envelope = ENCODE[coding](Buffer.concat([Buffer.from(ENVELOPE), NOISE]))
      expect(open(envelope.subarray(0, -5), [coding])).toEqual({ kind: 'envelope' })
    })
  })

  test('codings are undone in the order of their chain', () => {
    expect(open(brotliCompressSync(gzipSync(json)), ['gzip', 'br'])).toEqual({ kind: 'event', json })
  })
  test('an envelope says so by its type, or by its second line', () => {
    for (const type of ['application/x-sentry-envelope', ' Application/X-Sentry-Envelope; charset=utf-8']) {
      expect(open('whatever', [], type)).toEqual({ kind: 'envelope' })
    }
    expect(open(`\ufeff\n{\n}\n\n{ "type":"event"}`, [], 'application/json')).toEqual({ kind: 'envelope' })
    const header = JSON.stringify({ trace: 'x'.repeat(60_000) })
    expect(open(`${header}\n{"type":"event"}\n{}`)).toEqual({ kind: 'envelope' })
    expect(open(`${JSON_TEXT}\n{"a":1}`)).toMatchObject({ kind: 'event' })
    expect(open(`${JSON_TEXT}{"type":"event"}`)).toMatchObject({ kind: 'event' })
  })
  test('nothing at all is named as that', () => {
    expect(open('', [], null)).toEqual(['empty_body', 'empty request body'])
    expect(open('', ['gzip'], null)).toEqual(['empty_body', 'empty request body'])
    expect(open(gzipSync(''), ['gzip'], null)).toEqual(['empty_body', 'empty request body'])
  })
})

describe('sentry_data of a query', () => {
  const base64 = Buffer.from('{"message":"~~~???>>>"}').toString('base64')

  test.each([
    ['JSON', JSON_TEXT, JSON_TEXT],
    ['base64', base64, '{"message":"~~~???>>>"}'],
    ['base64 of zlib', deflateSync(json).toString('base64'), JSON_TEXT],
  ])('%s reaches the event as it was sent, whether it was encoded for a query or not', (_name, sent, event) => {
    for (const text of [encodeURIComponent(sent), sent.replaceAll('%', '%25').replaceAll('&', '%26')]) {
      const data = new URLSearchParams(`sentry_key=a&sentry_data=${text}`).get('sentry_data') ?? ''
      expect(decodeStoreBody(storeQueryBody(data), 1_000).toString()).toBe(event)
    }
  })
  test('JSON keeps its blanks', () => {
    expect(storeQueryBody(' {"a": "b c"}').toString()).toBe('{"a": "b c"}')
  })
  test.each(['', ' '])('%j is an empty body', (text) => {
    expect(() => decodeStoreBody(storeQueryBody(text), 1_000)).toThrow('empty request body')
  })
})

describe('the id of a stored event', () => {
  test.each([
    [JSON_TEXT, '9ec79c33ec9942ab8353589fcb2e04dc'],
    ['{}', null],
    ['{"event_id":null}', null],
    [`{"event_id":"${'0'.repeat(32)}"}`, null],
    ['{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","x":NaN}', '9ec79c33ec9942ab8353589fcb2e04dc'],
  ])('%s has %s', (text, id) => {
    expect(readStoreEventId(Buffer.from(text))).toBe(id)
  })
  test.each(['{"event_id":"abc"}', '{"event_id":7}', '{', '[]', 'null'])('%s is refused at once', (text) => {
    expect(() => readStoreEventId(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'bad_json', message: 'invalid JSON data' }),
    )
  })
})
