import { expect, test } from 'vitest'
import { readTraceparent, writeTraceparent } from './traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('what is written is read again', () => {
  for (const flags of ['00', '01']) {
    const text = `00-${TRACE}-${SPAN}-${flags}`
    const read = readTraceparent(text)
    expect(read).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: Number(flags), isRemote: true })
    expect(read && writeTraceparent(read)).toBe(text)
  }
})

test('of a later version what is known of it is read', () => {
  expect(readTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)?.traceId).toBe(TRACE)
})

test.for([
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['too much for its version', `00-${TRACE}-${SPAN}-01-more`],
  ['a version that is none', `ff-${TRACE}-${SPAN}-01`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a step of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['a line break', `00-${TRACE}-${SPAN}-01\n`],
] as const)('%s is no traceparent', ([, text]) => {
  expect(readTraceparent(text)).toBeNull()
})
