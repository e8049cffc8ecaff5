import { expect, test } from 'vitest'
import { parseEnvelope } from './envelope.ts'
import { USER_REPORT_BYTES_MAX } from './limits.ts'
import { userReportEnvelope } from './user-report-envelope.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'

const send = (form: Record<string, string> | string, query = `dsn=https://x@y/1&eventId=${ID}`) =>
  userReportEnvelope({ body: Buffer.from(new URLSearchParams(form).toString()), query: new URLSearchParams(query) })

test('what a user typed becomes a report of the event', () => {
  const { envelope, eventId } = send({ name: ' Ada ', email: 'ada@example.com', comments: 'It\r\nbroke +1 ü', x: 'y' })
  const { header, items, fault } = parseEnvelope(envelope)
  expect([fault, header.eventId, eventId]).toEqual([null, ID, ID])
  expect(items.map(({ type }) => type)).toEqual(['user_report'])
  expect(JSON.parse(items[0]?.payload.toString() ?? '')).toEqual({
    event_id: ID,
    name: 'Ada',
    email: 'ada@example.com',
    comments: 'It\r\nbroke +1 ü',
  })
})

test('long texts are cut, and what PostgreSQL cannot keep is replaced', () => {
  const { envelope } = send({ name: 'n'.repeat(999), email: 'e'.repeat(999), comments: `\0${'c'.repeat(9_999)}` })
  const report: Record<string, string> = JSON.parse(parseEnvelope(envelope).items[0]?.payload.toString() ?? '')
  expect(report.name).toHaveLength(128)
  expect(report.email).toHaveLength(75)
  expect(report.comments).toHaveLength(4096)
  expect(report.comments?.[0]).toBe('\ufffd')
})

test('each missing field is named', () => {
  const refusal = (form: Record<string, string> | string, query?: string) => {
    try {
      return send(form, query)
    } catch (error) {
      return error
    }
  }
  const all = ['name', 'email', 'comments'].map((field) => `${field}: this field is required`)
  expect(refusal('')).toMatchObject({ code: 'bad_user_report', message: 'invalid user report', causes: all })
  expect(refusal({ name: ' ', email: '', comments: 'x' })).toMatchObject({ causes: all.slice(0, 2) })
  expect(refusal({ name: 'a', email: 'b', comments: 'c' }, 'eventId=7')).toMatchObject({
    causes: ['eventId: no event id'],
  })
  expect(refusal('', '')).toMatchObject({ causes: ['eventId: no event id', ...all] })
  expect(refusal(`name=a&email=b&comments=${'c'.repeat(USER_REPORT_BYTES_MAX)}`)).toMatchObject({
    code: 'item_too_large',
  })
})
