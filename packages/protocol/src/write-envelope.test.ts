import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEnvelope } from './envelope.ts'
import { writeEnvelope } from './write-envelope.ts'

const EVENT_ID = '9ec79c33ec9942ab8353589fcb2e04dc'

const draft = fc.record({
  headers: fc
    .dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })
    .chain((others) => fc.string({ maxLength: 30 }).map((type) => ({ ...others, type }))),
  payload: fc.uint8Array({ maxLength: 300 }),
})

test('whatever is written is read again: every header, every byte', () => {
  fc.assert(
    fc.property(fc.option(fc.constant(EVENT_ID), { nil: undefined }), fc.array(draft), (event_id, items) => {
      const envelope = parseEnvelope(writeEnvelope({ header: { event_id }, items }))
      expect(envelope.fault).toBeNull()
      expect(envelope.header.eventId).toBe(event_id ?? null)
      expect(envelope.items.map(({ payload }) => payload.toString('hex'))).toEqual(
        items.map(({ payload }) => Buffer.from(payload).toString('hex')),
      )
      expect(envelope.items.map(({ headers }) => JSON.stringify(headers))).toEqual(
        items.map(({ headers, payload }) => JSON.stringify({ ...headers, length: payload.length })),
      )
    }),
    { seed: 20260131, numRuns: 500 },
  )
})

test('an empty payload and one of line feeds do not swallow what follows', () => {
  const payloads = ['', '\n', '\n\n{"type":"event"}\n', '', 'x']
  const items = payloads.map((payload) => ({ headers: { type: 'attachment' }, payload: Buffer.from(payload) }))
  const envelope = parseEnvelope(writeEnvelope({ header: {}, items }))
  expect(envelope.items.map(({ payload }) => payload.toString())).toEqual(payloads)
})

test('a wrong length is put right, and what is undefined is not said', () => {
  const items = [{ headers: { type: 'nel', length: 99, filename: undefined }, payload: Buffer.from('{}') }]
  expect(writeEnvelope({ header: {}, items }).toString()).toBe('{}\n{"type":"nel","length":2}\n{}\n')
})

test('the same input gives the same bytes', () => {
  const input = () => ({
    header: { event_id: EVENT_ID },
    items: [{ headers: { type: 'a', b: 'ä', c: '\ud800' }, payload: Buffer.of(0, 10, 255) }],
  })
  expect(writeEnvelope(input())).toEqual(writeEnvelope(input()))
})
