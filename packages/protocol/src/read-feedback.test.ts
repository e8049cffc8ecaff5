import { expect, test } from 'vitest'
import { readFeedback, readUserReport } from './read-feedback.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'

test('a user report', () => {
  const sent = { event_id: ID, name: ' Ada ', email: 'ada@example.com', comments: 'It broke at https://u:p@h/?token=x' }
  expect(readUserReport(sent)).toEqual({
    eventId: ID,
    name: 'Ada',
    email: 'ada@example.com',
    message: 'It broke at https://h/?token=[masked]',
    url: null,
    source: null,
  })
})

test('a feedback', () => {
  const feedback = {
    message: ' Why? ',
    contact_email: 'ada@example.com',
    name: 'Ada',
    url: 'https://shop.example/cart?session=1#top',
    associated_event_id: ID.toUpperCase(),
    source: 'widget',
  }
  expect(readFeedback({ type: 'feedback', contexts: { feedback } })).toEqual({
    eventId: ID,
    name: 'Ada',
    email: 'ada@example.com',
    message: 'Why?',
    url: 'https://shop.example/cart',
    source: 'widget',
  })
})

test('a feedback without an address was written on the page of its request', () => {
  const contexts = { feedback: { message: 'x' } }
  expect(readFeedback({ contexts, request: { url: 'https://a.example/b?c' } }).url).toBe('https://a.example/b')
})

test('long texts are cut, and what PostgreSQL cannot keep is replaced', () => {
  const report = readUserReport({ name: 'n'.repeat(999), email: 'e'.repeat(999), comments: `\0${'c'.repeat(9_999)}` })
  expect([report.name?.length, report.email?.length, report.message.length]).toEqual([128, 75, 4096])
  expect(report.message[0]).toBe('\ufffd')
})

test.each([{ name: 'Ada' }, { email: 'ada@example.com', comments: null }])('%j says who, if not what', (sent) => {
  expect(readUserReport(sent).message).toBe('')
})

test.each([{}, { event_id: ID, name: ' ', comments: '' }, { comments: 7 }])('%j says nothing', (sent) => {
  expect(() => readUserReport(sent)).toThrow(expect.objectContaining({ code: 'bad_user_report' }))
})

test.each([{}, { contexts: null }, { contexts: { feedback: { message: '\n', name: 'Ada' } } }])(
  '%j is no feedback',
  (sent) => {
    expect(() => readFeedback(sent)).toThrow(expect.objectContaining({ code: 'bad_feedback' }))
  },
)
