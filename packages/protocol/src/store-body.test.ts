import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeStoreBody, readStoreEventId } from './store-body.ts'

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
