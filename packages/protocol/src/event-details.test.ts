import { describe, expect, test } from 'vitest'
import { type EventDetails, readEventDetails } from './event-details.ts'
import { eventIdFromHash } from './event-id.ts'
import { type EventReceipt, normaliseEvent } from './normalise-event.ts'

const RECEIPT: EventReceipt = {
  eventId: eventIdFromHash(Buffer.alloc(16, 1)),
  receivedAt: new Date('2026-01-31T12:00:00Z'),
  ...{ sentAt: null, clientIp: null, userAgent: null, client: null },
}
const read = (payload: Record<string, unknown>, receipt: Partial<EventReceipt> = {}): EventDetails =>
  readEventDetails(payload, { ...RECEIPT, ...receipt })
const list = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index))

describe('breadcrumbs', () => {
  test('are the last hundred, which know their place', () => {
    const { breadcrumbs, meta } = read({ breadcrumbs: { values: list(120, (i) => ({ message: `m${i}` })) } })
    expect(breadcrumbs).toHaveLength(100)
    expect([breadcrumbs[0]?.message, breadcrumbs[0]?.index, breadcrumbs[99]?.message]).toEqual(['m20', 20, 'm119'])
    expect(meta).toEqual({ breadcrumbs: { values: { '': { len: 120, rem: [['!limit', 'x']] } } } })
  })
  test('are read whole', () => {
    const crumb = {
      timestamp: '2026-01-31T11:59:00Z',
      type: 'http',
      category: 'xhr',
      level: 'warning',
      message: 'GET http://u:p@x/?token=1',
      data: { url: '/a?api_key=1', status_code: 200, password: 'x' },
      event_id: 'A'.repeat(32),
      origin: 'auto.http',
    }
    expect(read({ breadcrumbs: [crumb] }).breadcrumbs).toEqual([
      {
        index: 0,
        at: new Date('2026-01-31T11:59:00Z'),
        type: 'http',
        category: 'xhr',
        level: 'warning',
        message: 'GET http://x/?token=[masked]',
        data: { url: '/a?api_key=[masked]', status_code: 200, password: '[masked]' },
        eventId: 'a'.repeat(32),
        origin: 'auto.http',
      },
    ])
  })
})

describe('a clock that is wrong', () => {
  const at = (time: string) => `2026-01-31T${time}:00Z`
  const moved = (timestamp: string | undefined, sentAt: string | null) => {
    const payload = { timestamp, breadcrumbs: [{ timestamp: at('08:30') }] }
    const receipt = { sentAt: sentAt === null ? null : new Date(sentAt) }
    const { breadcrumbs, errors } = read(payload, receipt)
    const event = normaliseEvent(payload, { ...RECEIPT, ...receipt })
    return [
      event.occurredAt.toISOString().slice(5, 16),
      breadcrumbs[0]?.at?.toISOString().slice(5, 16),
      errors.map((e) => e.type),
    ]
  }
  test.each<[string, string | undefined, string | null, unknown]>([
    ['agrees', at('09:00'), at('11:30'), ['01-31T09:00', '01-31T08:30', []]],
    ['is behind', at('09:00'), at('10:00'), ['01-31T11:00', '01-31T10:30', ['clock_drift']]],
    ['is behind, and the event names no time', undefined, at('10:00'), ['01-31T12:00', '01-31T10:30', ['clock_drift']]],
    ['is ahead unsaid', at('13:00'), null, ['01-31T12:00', '01-31T07:30', ['future_timestamp']]],
    ['is far behind unsaid', '2025-01-31T08:30:00Z', null, ['01-31T12:00', '01-31T12:00', ['past_timestamp']]],
  ])('%s: breadcrumbs are moved as the event is', (_name, timestamp, sentAt, expected) => {
    expect(moved(timestamp, sentAt)).toEqual(expected)
  })
  test('the error says what was sent', () => {
    expect(read({ timestamp: at('13:00'), errors: [{ type: 'x' }] }).errors).toEqual([
      { type: 'x', name: null, value: null },
      { type: 'future_timestamp', name: 'timestamp', value: at('13:00') },
    ])
  })
})

describe('frames', () => {
  const frame = (i: number, in_app: boolean) => ({
    lineno: i + 1,
    in_app,
    vars: { i },
    pre_context: ['a'],
    context_line: 'b',
    post_context: ['c'],
  })
  const framesOf = (frames: unknown[]) => read({ exception: { type: 'E', stacktrace: { frames } } })
  test('of a usual stack are whole', () => {
    const { exceptions, meta } = framesOf(list(50, (i) => frame(i, true)))
    expect(exceptions[0]?.stacktrace?.frames.every((f) => f.vars && f.preContext.length && f.postContext.length)).toBe(
      true,
    )
    expect(meta).toBeNull()
  })
  test('of more than fifty keep variables and lines at both ends, those of the app first', () => {
    const { exceptions } = framesOf(list(100, (i) => frame(i, i >= 40 && i < 60)))
    const whole = exceptions[0]?.stacktrace?.frames.flatMap((f) => (f.vars ? [f.index] : []))
    expect(whole).toEqual([...list(15, (i) => i), ...list(20, (i) => 40 + i), ...list(15, (i) => 85 + i)])
  })
  test('of the app go without only where there are too many of them', () => {
    const { exceptions, meta } = framesOf(list(80, (i) => frame(i, true)))
    const whole = exceptions[0]?.stacktrace?.frames.filter((f) => f.vars !== null).map((f) => f.index)
    expect(whole).toEqual([...list(25, (i) => i), ...list(25, (i) => 55 + i)])
    expect(JSON.stringify(meta)).toContain('"40":{"vars":{"":{"len":1,"rem":[["!limit","x"]]}}}')
  })
  test('in the middle of a very long stack are dropped, and meta says how many there were', () => {
    const { exceptions, meta } = framesOf(list(300, (i) => ({ lineno: i + 1 })))
    expect(exceptions[0]?.stacktrace?.frames.map((f) => f.index)).toEqual([
      ...list(125, (i) => i),
      ...list(125, (i) => 175 + i),
    ])
    const frames = { '': { len: 300, rem: [['!limit', 'x']] } }
    expect(meta).toEqual({ exception: { values: { 0: { stacktrace: { frames } } } } })
  })
  test('agree with those that are grouped by', () => {
    const payload = { exception: { type: 'E', stacktrace: { frames: [{ filename: 'http://x/a.js', function: '?' }] } } }
    const [lean] = normaliseEvent(payload, RECEIPT).exceptions[0]?.stacktrace?.frames ?? []
    expect(read(payload).exceptions[0]?.stacktrace?.frames[0]).toMatchObject({ ...lean })
  })
})

test('of very many threads those that crashed, are current or main are kept, in order', () => {
  const { threads } = read({ threads: list(400, (i) => ({ id: i, crashed: i === 399, main: i === 300 })) })
  expect(threads).toHaveLength(250)
  expect(threads.slice(-3).map((thread) => thread.id)).toEqual(['247', '300', '399'])
})

test('a mechanism is read whole', () => {
  const mechanism = {
    type: 'signalhandler',
    handled: false,
    description: 'd',
    help_link: 'http://x/?token=1',
    source: 'cause',
    data: { a: 1 },
    meta: { errno: { number: 2, name: 'ENOENT' } },
  }
  expect(read({ exception: { type: 'E', mechanism } }).exceptions[0]?.mechanism).toMatchObject({
    type: 'signalhandler',
    handled: false,
    description: 'd',
    helpLink: 'http://x/?token=[masked]',
    source: 'cause',
    data: { a: 1 },
    meta: { errno: { number: 2, name: 'ENOENT' } },
  })
})

describe('meta', () => {
  test('has a remark for each text that was cut', () => {
    const { meta } = read({
      logentry: { formatted: 'm'.repeat(9000) },
      exception: [{ type: 'A' }, { type: 'B', value: 'v'.repeat(9000) }],
      breadcrumbs: [{ message: 'b'.repeat(9000) }],
      extra: { big: 'e'.repeat(20_000), small: 1 },
    })
    const cut = { '': { len: 9000, rem: [['!limit', 's', 8189, 8192]] } }
    expect(meta).toEqual({
      logentry: { formatted: cut },
      exception: { values: { 1: { value: cut } } },
      breadcrumbs: { values: { 0: { message: cut } } },
      extra: { big: { '': { len: 20_000, rem: [['!limit', 's', 16_381, 16_384]] } } },
    })
  })
  test('of the SDK is kept beside ours', () => {
    const sent = { len: 99_000, rem: [['!config', 's']] }
    const { meta } = read({
      exception: { type: 'A', value: 'v'.repeat(9000) },
      _meta: { user: { '': { err: ['invalid_data'] } }, exception: { values: { 0: { value: { '': sent } } } } },
    })
    expect(meta).toEqual({
      user: { '': { err: ['invalid_data'] } },
      exception: {
        values: {
          0: {
            value: {
              '': {
                len: 99_000,
                rem: [
                  ['!config', 's'],
                  ['!limit', 's', 8189, 8192],
                ],
              },
            },
          },
        },
      },
    })
  })
  test('does not show a secret that was invalid', () => {
    const { meta } = read({ _meta: { extra: { password: { a: { '': { err: ['x'], val: 'hunter2' } } } } } })
    expect(meta).toEqual({ extra: { password: { a: { '': { err: ['x'], val: '[masked]' } } } } })
  })
  test('is bounded, and as harmless as its names', () => {
    const wide = Object.fromEntries(list(5000, (i) => [`k${i}`, { '': { len: i } }]))
    expect(JSON.stringify(read({ _meta: wide }).meta).length).toBeLessThan(30_000)
    const { meta } = read(JSON.parse('{"_meta":{"__proto__":{"":{"len":1}}}}'))
    expect(JSON.stringify(meta)).toBe('{"__proto__":{"":{"len":1}}}')
    expect(Reflect.get({}, '')).toBeUndefined()
  })
})

test('one huge extra value does not cost the others, but all of them have a bound', () => {
  const { extra } = read({ extra: { a: 'x'.repeat(1_000_000), b: 1 } })
  expect([String(extra.a).length, extra.b]).toEqual([16_384, 1])
  const many = read({ extra: Object.fromEntries(list(100, (i) => [`k${i}`, 'x'.repeat(16_000)])) }).extra
  expect(JSON.stringify(many).length).toBeLessThan(280_000)
})

test('a 10,000-deep body is read, as text and as JSON', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000)
  expect(() =>
    read({ request: { data: deep }, extra: JSON.parse(deep), contexts: { a: { b: JSON.parse(deep) } } }),
  ).not.toThrow()
})
