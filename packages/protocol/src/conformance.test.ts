import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decode } from './content-encoding.ts'
import { type Envelope, parseEnvelope } from './envelope.ts'
import { readEnvelopeHeader } from './envelope-header.ts'
import { eventIdFromHash } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { treatmentOf } from './item-type.ts'
import { matchDsn } from './match-dsn.ts'
import { normaliseEvent } from './normalise-event.ts'
import { parseProjectId } from './project-id.ts'
import { ProtocolError } from './protocol-error.ts'
import { parsePublicKey } from './public-key.ts'
import { isEnvelope } from './store-body.ts'

/* The 45 edge cases of Sentry's envelope handling, in the order of the protocol notes; each is one `test`. */

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const HEAD = `{"event_id":"${ID}"}`
const EVENT = '{"type":"event"}\n{"message":"x"}'
const KEY = 'e12d836b15bb49d7bbf99e64295d995b'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const parse = (text: string) => parseEnvelope(bytes(text))

/** `type:payload` of every item, then the fault in brackets when there is one. */
function shape(envelope: Envelope): string[] {
  const items = envelope.items.map((item) => `${item.type}:${item.payload.toString('latin1')}`)
  const { fault } = envelope
  return fault === null ? items : [...items, `[${fault.code}: ${fault.causes.join('; ')}]`]
}

function errorOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return [`${error.code}: ${error.message}`, ...error.causes].join(' / ')
    throw error
  }
  return 'no error'
}

const treatments = (text: string) => parse(text).items.map((item) => treatmentOf(item.type))

const normalised = (json: string | Buffer) =>
  normaliseEvent(parseEventJson(Buffer.from(json)), {
    eventId: eventIdFromHash(Buffer.alloc(16)),
    receivedAt: new Date('2026-01-01T00:00:00Z'),
    sentAt: null,
    clientIp: null,
    userAgent: null,
    client: null,
  })

const MISSING_NEWLINE = '[bad_framing: missing newline after header or payload]'
const UNEXPECTED_END = '[bad_framing: unexpected end of file]'

describe('the envelope header', () => {
  test('row 1: an empty body is named as one', () => {
    expect(errorOf(() => parse(''))).toBe('empty_body: empty request body')
    expect(errorOf(() => readEnvelopeHeader(bytes(''), [], 100))).toBe('empty_body: empty request body')
  })
  test.each([' ', '\n\n', '\r\n\t'])('row 2: white space %j misses its header', (body) => {
    const expected = 'bad_envelope_header: invalid event envelope / missing envelope header'
    expect(errorOf(() => parse(body))).toBe(expected)
    expect(errorOf(() => readEnvelopeHeader(bytes(body), [], 100))).toBe(expected)
  })
  test.each(['hello\n{"type":"event"}\n{}', '[]\n', '"x"\n', '42\n', '{"a":}\n', '{"a":1\n'])(
    'row 3: %j is no envelope header',
    (body) => {
      const expected = /^bad_envelope_header: invalid event envelope \/ invalid envelope header/
      expect(errorOf(() => parse(body))).toMatch(expected)
      expect(errorOf(() => readEnvelopeHeader(bytes(body), [], 100))).toMatch(expected)
    },
  )
  test('row 4: a byte order mark is stripped', () => {
    expect(parse(`\ufeff${HEAD}\n${EVENT}`).header.eventId).toBe(ID)
    expect(readEnvelopeHeader(bytes(`\ufeff${HEAD}\n`), [], 100).eventId).toBe(ID)
  })
  test.each([HEAD, `${HEAD}\n`])('row 5: a header alone is an envelope without items: %j', (body) => {
    expect(shape(parse(body))).toEqual([])
    expect(parse(body).header.eventId).toBe(ID)
  })
  test('row 6: an event without ids anywhere is kept, its id left to the caller', () => {
    const envelope = parse(`{}\n${EVENT}`)
    expect(envelope.header.eventId).toBeNull()
    expect(shape(envelope)).toEqual(['event:{"message":"x"}'])
  })
  test('row 7: the header id is the one the event gets, whatever its payload says', () => {
    const { header, items } = parse(`${HEAD}\n{"type":"event"}\n{"event_id":"${'a'.repeat(32)}"}`)
    expect(header.eventId).toBe(ID)
    expect(items).toHaveLength(1)
  })
  test.each(['"abc"', '12', '{}', '""', `"${'g'.repeat(32)}"`])('row 8: event_id %s is refused', (id) => {
    expect(errorOf(() => parse(`{"event_id":${id}}\n`))).toMatch(/^bad_envelope_header: .* \/ event_id is no UUID$/)
  })
  test('row 37: a sent_at that is no time is ignored', () => {
    const envelope = parse(`{"event_id":"${ID}","sent_at":"yesterday"}\n${EVENT}`)
    expect(envelope.header.sentAt).toBeNull()
    expect(envelope.items).toHaveLength(1)
  })
  test('row 38: a dsn of another project or key is a mismatch, each with its own cause', () => {
    const { dsn } = parse(`{"dsn":"https://${KEY}@sentry.example/42"}\n`).header
    const request = { publicKey: parsePublicKey(KEY), projectId: parseProjectId('42') }
    expect(errorOf(() => matchDsn(dsn, request))).toBe('no error')
    expect(errorOf(() => matchDsn(dsn, { ...request, projectId: parseProjectId('43') }))).toBe(
      'dsn_mismatch: invalid event envelope / project id header mismatch between envelope and request',
    )
    expect(errorOf(() => matchDsn(dsn, { ...request, publicKey: parsePublicKey('0'.repeat(32)) }))).toBe(
      'dsn_mismatch: invalid event envelope / public key header mismatch between envelope and request',
    )
  })
})

describe('framing', () => {
  test.each<[row: number, name: string, body: string, expected: string[]]>([
    [9, 'one CR after a header is accepted', `${HEAD}\r\n{"type":"event"}\r\n{}\n`, ['event:{}']],
    [9, 'more than one CR is not', `${HEAD}\r\r\n${EVENT}`, [MISSING_NEWLINE]],
    [10, 'a CR at the end of an implicit payload stays in it', `${HEAD}\n{"type":"event"}\n{}\r\n`, ['event:{}\r']],
    [11, 'a length beyond the rest is an unexpected end', `${HEAD}\n{"type":"a","length":9}\nabc`, [UNEXPECTED_END]],
    [12, 'a length short of the line misses its newline', `${HEAD}\n{"type":"a","length":2}\nabc`, [MISSING_NEWLINE]],
    [
      13,
      'an empty attachment does not swallow the event',
      `{}\n{"type":"a","length":0}\n\n${EVENT}`,
      ['a:', 'event:{"message":"x"}'],
    ],
    [14, 'an empty payload at the end, no LF', `{}\n{"type":"a","length":0}`, ['a:']],
    [14, 'an empty payload at the end, one LF', `{}\n{"type":"a","length":0}\n`, ['a:']],
    [14, 'an empty payload at the end, two LF', `{}\n{"type":"a","length":0}\n\n`, ['a:']],
    [15, 'an item header at the very end has an empty payload', `{}\n{"type":"event"}`, ['event:']],
    [16, 'a blank payload line, then another item', `{}\n{"type":"a"}\n\n${EVENT}`, ['a:', 'event:{"message":"x"}']],
    [
      17,
      'a length that is text counts as absent',
      `{}\n{"type":"a","length":"2"}\nabc\n${EVENT}`,
      ['a:abc', 'event:{"message":"x"}'],
    ],
    [17, 'a negative length counts as absent', `{}\n{"type":"a","length":-1}\nabc`, ['a:abc']],
    [17, 'a fractional length counts as absent', `{}\n{"type":"a","length":1.5}\nabc`, ['a:abc']],
    [18, 'a null length counts as absent', `{}\n{"type":"a","length":null}\nabc`, ['a:abc']],
    [
      19,
      'a payload of known length may hold LF',
      `{}\n{"type":"a","length":3}\n\na\n\n${EVENT}`,
      ['a:\na\n', 'event:{"message":"x"}'],
    ],
    [21, 'one trailing LF is fine', `{}\n${EVENT}\n`, ['event:{"message":"x"}']],
    [22, 'any number of trailing LF is tolerated', `{}\n${EVENT}\n\n\n`, ['event:{"message":"x"}']],
    [
      23,
      'blank lines between items are tolerated',
      `{}\n\n${EVENT}\n\n\n \n${EVENT}`,
      ['event:{"message":"x"}', 'event:{"message":"x"}'],
    ],
    [
      25,
      'an unknown type is an item like any other',
      `{}\n{"type":"from_the_future"}\nx\n${EVENT}`,
      ['from_the_future:x', 'event:{"message":"x"}'],
    ],
  ])('row %i: %s', (_row, _name, body, expected) => {
    expect(shape(parse(body))).toEqual(expected)
  })
  test('row 20: a payload of several lines without length ends the parse, what came before stands', () => {
    const [first, second, fault] = shape(parse(`{}\n${EVENT}\n{"type":"event"}\n{\n  "message": 1\n}`))
    expect([first, second]).toEqual(['event:{"message":"x"}', 'event:{'])
    expect(fault).toMatch(/^\[bad_item_header: invalid item header/)
  })
  test('headers may be pretty-printed, as Relay has it', () => {
    expect(shape(parse(`{\n  "sdk": {"name": "}\\"{"}\n}\n{\n "type":\n"event"\n}\n{}`))).toEqual(['event:{}'])
  })
  test('a CR may stand before the LF behind a payload of known length', () => {
    expect(shape(parse(`{}\r\n{"type":"a","length":3}\r\nabc\r\n${EVENT}`))).toEqual(['a:abc', 'event:{"message":"x"}'])
  })
  test('something else behind the envelope header is a fault, not a refusal of the header', () => {
    const envelope = parse(`${HEAD} \n${EVENT}`)
    expect(envelope.header.eventId).toBe(ID)
    expect(shape(envelope)).toEqual([MISSING_NEWLINE])
  })
  test('payloads are bytes: no text decoding touches them, and none is copied', () => {
    const payload = Buffer.from([0xff, 0x00, 0x0a, 0xfe])
    const body = Buffer.concat([bytes('{}\n{"type":"attachment","length":4}\n'), payload, bytes(`\n${EVENT}`)])
    const { items } = parseEnvelope(body)
    expect(items.map((item) => item.type)).toEqual(['attachment', 'event'])
    expect(items[0]?.payload).toEqual(payload)
    expect(items[0]?.payload.buffer).toBe(body.buffer)
  })
  test('an item header without end costs its item only', () => {
    expect(shape(parse(`{}\n${EVENT}\n{"type":"event"`))).toEqual([
      'event:{"message":"x"}',
      '[bad_item_header: invalid item header; the JSON object does not end]',
    ])
  })
})

describe('items', () => {
  test('row 24: an item without a type keeps its place and its payload, and costs nobody else', () => {
    const body = `{}\n{"length":1}\nx\n{"type":7}\ny\n${EVENT}`
    expect(shape(parse(body))).toEqual([':x', ':y', 'event:{"message":"x"}'])
    expect(treatments(body)).toEqual(['unsupported', 'unsupported', 'event'])
  })
  test('row 25, 27: unknown types are counted, also when there is nothing else', () => {
    expect(treatments('{}\n{"type":"constructor"}\n{}\n{"type":"from_the_future"}\n{}')).toEqual([
      'unsupported',
      'unsupported',
    ])
  })
  test('row 26, 32, 39: attachments of any type and number never cost the envelope', () => {
    const attachment = '{"type":"attachment","attachment_type":"event.new","length":1}\na\n'
    expect(treatments(`${HEAD}\n${attachment.repeat(31)}${EVENT}`)).toEqual([...Array(31).fill('attachment'), 'event'])
    expect(treatments(`${HEAD}\n${attachment}`)).toEqual(['attachment'])
  })
  test('row 28: an internal item is dropped by itself', () => {
    expect(treatments(`{}\n{"type":"integration"}\n{}\n${EVENT}`)).toEqual(['unsupported', 'event'])
  })
  test('row 29: an event whose payload is no JSON passes the envelope and fails alone', () => {
    const { items, fault } = parse('{}\n{"type":"event"}\nnot json')
    expect(fault).toBeNull()
    expect(errorOf(() => parseEventJson(items[0]?.payload ?? bytes('')))).toMatch(/^bad_json: invalid JSON data/)
  })
  test('row 30, 34: a bad session or log container does not reach the event beside it', () => {
    expect(
      treatments(`{}\n{"type":"session"}\nnot json\n{"type":"log","item_count":9}\n{"items":[]}\n${EVENT}`),
    ).toEqual(['session', 'log', 'event'])
  })
  test('row 31, 33: further and oversized events are items like others, so that each can be refused alone', () => {
    const { items, fault } = parse(`{}\n${EVENT}\n{"type":"event"}\n{"message":"${'x'.repeat(2_000_000)}"}\n${EVENT}`)
    expect(fault).toBeNull()
    expect(items.map(({ index, type, payload }) => [index, type, payload.length])).toEqual([
      [0, 'event', 15],
      [1, 'event', 2_000_014],
      [2, 'event', 15],
    ])
  })
  test('an envelope with more items than its bound keeps the first ones', () => {
    const body = bytes(`{}\n${`${EVENT}\n`.repeat(3)}`)
    const limits = { itemsMax: 3, headerBytesMax: 100 }
    expect(parseEnvelope(body, limits).fault).toBeNull()
    const { items, fault } = parseEnvelope(body, { ...limits, itemsMax: 2 })
    expect(items).toHaveLength(2)
    expect(fault?.code).toBe('too_many_items')
  })
  test('headers are bounded, of the envelope and of an item', () => {
    const long = `{"a":"${'x'.repeat(200)}"}`
    const limits = { itemsMax: 9, headerBytesMax: 100 }
    expect(errorOf(() => parseEnvelope(bytes(long), limits))).toMatch(/^header_too_large/)
    const { items, fault } = parseEnvelope(bytes(`{}\n${EVENT}\n${long}\n`), limits)
    expect([items.length, fault?.code]).toEqual([1, 'header_too_large'])
  })
})

describe('encodings and JSON', () => {
  test('row 35: a gzip header over a plain body is read as plain, over a cut one refused', () => {
    const body = bytes(`${HEAD}\n${EVENT}`)
    expect(decode(body, ['gzip'], 1000)).toEqual(body)
    expect(errorOf(() => decode(gzipSync(body).subarray(0, -4), ['gzip'], 1000))).toMatch(/^undecodable_body/)
  })
  test('row 36: a body over the cap after inflating is refused, naming the setting', () => {
    expect(errorOf(() => decode(gzipSync(Buffer.alloc(2000)), ['gzip'], 1999))).toMatch(
      /^decoded_too_large: .*MAX_UNCOMPRESSED_PAYLOAD_BYTES/,
    )
    expect(decode(gzipSync(Buffer.alloc(2000)), ['gzip'], 2000)).toHaveLength(2000)
  })
  test('row 40: an envelope on /store/ is known by its content type or its first lines', () => {
    const body = bytes(`${HEAD}\n${EVENT}`)
    expect(isEnvelope('application/x-sentry-envelope', bytes('{}'))).toBe(true)
    expect(isEnvelope('Application/X-Sentry-Envelope; charset=utf-8', bytes('{}'))).toBe(true)
    expect(isEnvelope('application/json', body)).toBe(true)
    expect(isEnvelope(undefined, bytes(`${HEAD}\r\n{ "type":"event"}\n{}`))).toBe(true)
    expect(isEnvelope('application/json', bytes('{"message":"x"}'))).toBe(false)
    expect(isEnvelope('application/json', bytes('{\n"message":\n{"type":"event"}}'))).toBe(false)
    expect(isEnvelope('application/json', bytes('{"message":"x"} {"type":"event"}'))).toBe(false)
    expect(isEnvelope('text/plain', bytes('eJyrVg=='))).toBe(false)
  })
  test('row 41: invalid UTF-8 becomes U+FFFD', () => {
    const json = Buffer.concat([bytes('{"message":"a'), Buffer.from([0xff]), bytes('b"}')])
    expect(normalised(json).message?.formatted).toBe('a\ufffdb')
  })
  test('row 42: lone surrogates and NUL become U+FFFD', () => {
    expect(normalised('{"message":"a\\ud800b\\u0000c\\ud83d\\ude00"}').message?.formatted).toBe(
      'a\ufffdb\ufffdc\u{1f600}',
    )
  })
  test('row 43: NaN and Infinity are repaired outside strings, whoever sent them', () => {
    const json = '{"a":NaN,"b":[-Infinity,Infinity],"NaN":"NaN \\" Infinity","level":"info"}'
    expect(parseEventJson(bytes(json))).toEqual({ a: null, b: [null, null], NaN: 'NaN " Infinity', level: 'info' })
  })
  test('row 44: of two equal keys the last counts', () => {
    expect(normalised('{"level":"info","level":"fatal"}').level).toBe('fatal')
    expect(parse('{"event_id":"bad","event_id":null}\n').header.eventId).toBeNull()
  })
  test('row 45: what is nested too deeply is cut off, and the event kept', () => {
    const json = `{"level":"info","extra":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    const event = parseEventJson(bytes(json))
    expect(event.level).toBe('info')
    expect(JSON.stringify(event.extra)).toBe(`${'['.repeat(127)}null${']'.repeat(127)}`)
  })
})
