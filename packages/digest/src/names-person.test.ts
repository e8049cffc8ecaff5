import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { namesPerson, type PersonNames } from './names-person.ts'

const ADA: PersonNames = { id: ['1815'], email: ['ada@example.org'], username: ['ada'], ip: ['203.0.113.7'] }
const LIMITS = { MAX_UNCOMPRESSED_PAYLOAD_BYTES: 1_000_000, MAX_EVENT_BYTES: 1_000_000 }

function archived(text: string, { endpoint = 'envelope', clientIp = null as string | null } = {}) {
  return { endpoint, encoding: 'gzip', clientIp, body: gzipSync(text) }
}

function envelope(type: string, payload: object | string): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return ['{}', JSON.stringify({ type }), text].join('\n')
}

const attribute = (name: string, value: unknown) => ({ items: [{ body: 'x', attributes: { [name]: { value } } }] })

test.each<[what: string, type: string, payload: object]>([
  ['an event’s user by id', 'event', { user: { id: 1815 } }],
  ['an event’s user by email', 'event', { user: { id: 7, email: 'ada@example.org' } }],
  ['an event’s user by name', 'event', { user: { username: 'ada' } }],
  ['an event’s user by address', 'event', { user: { ip_address: '203.0.113.7' } }],
  ['a transaction’s user', 'transaction', { transaction: '/', user: { id: '1815' } }],
  ['a replay’s user', 'replay_event', { user: { email: 'ada@example.org' } }],
  ['a session', 'session', { sid: 'x', did: 'ada@example.org' }],
  ['sums of sessions', 'sessions', { aggregates: [{ did: 'bob' }, { did: '1815' }] }],
  ['a signed report of a user', 'user_report', { email: 'ada@example.org', comments: 'x' }],
  ['signed feedback', 'feedback', { contexts: { feedback: { contact_email: 'ada@example.org', message: 'x' } } }],
  ['a log by id', 'log', attribute('user.id', '1815')],
  ['a log by email', 'log', attribute('user.email', 'ada@example.org')],
  ['a log by name', 'log', attribute('user.name', 'ada')],
])('%s names the person', (_, type, payload) => {
  expect(namesPerson(archived(envelope(type, payload)), ADA, LIMITS)).toBe(true)
  const other = JSON.stringify(payload).replaceAll(/1815|ada@|"ada"|203\.0\.113\.7/g, (name) =>
    name === '"ada"' ? '"eve"' : `9${name}`,
  )
  expect(namesPerson(archived(envelope(type, other)), ADA, LIMITS)).toBe(false)
})

test('the address an archive was sent from names the person, whatever is in it', () => {
  const anything = envelope('session', { sid: 'x' })
  expect(namesPerson(archived(anything, { clientIp: '203.0.113.7' }), ADA, LIMITS)).toBe(true)
  expect(namesPerson(archived(anything, { clientIp: '203.0.113.8' }), ADA, LIMITS)).toBe(false)
})

test('an event from before envelopes names its user', () => {
  const event = JSON.stringify({ 'sentry.interfaces.User': { id: '1815' } })
  expect(namesPerson(archived(event, { endpoint: 'store' }), ADA, LIMITS)).toBe(true)
  expect(namesPerson(archived(Buffer.from(event).toString('base64'), { endpoint: 'store' }), ADA, LIMITS)).toBe(true)
})

test('who is only spoken of, or called so by another kind of name, is not named', () => {
  const spoken = {
    user: { id: 'bob' },
    message: 'ada@example.org',
    extra: { email: 'ada@example.org' },
    tags: { user: '1815' },
  }
  expect(namesPerson(archived(envelope('event', spoken)), ADA, LIMITS)).toBe(false)
  expect(namesPerson(archived(envelope('event', { user: { username: '1815' } })), ADA, LIMITS)).toBe(false)
})

test('what is no JSON, or cannot be decoded, names nobody, and hides nobody beside it', () => {
  const beside = `${envelope('attachment', 'just text')}\n${JSON.stringify({ type: 'session' })}\n{"did":"1815"}`
  expect(namesPerson(archived(beside), ADA, LIMITS)).toBe(true)
  expect(namesPerson({ ...archived('x'), body: Buffer.from('no gzip') }, ADA, LIMITS)).toBe(false)
})
