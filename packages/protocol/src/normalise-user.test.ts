import { describe, expect, test } from 'vitest'
import { normaliseUser } from './normalise-user.ts'

const CLIENT = '203.0.113.7'
const ip = (payload: object, clientIp: string | null = CLIENT, request: object = {}) =>
  normaliseUser({ ...payload }, { ...request }, clientIp).ip

test('the fields of a user are text, or nothing', () => {
  const user = { id: 42, email: ' a@example.com ', username: true, ip_address: '::1', other: 'x' }
  expect(normaliseUser({ user }, {}, null)).toEqual({ id: '42', email: 'a@example.com', username: 'True', ip: '::1' })
  expect(normaliseUser({ 'sentry.interfaces.User': { id: 'x' } }, {}, null).id).toBe('x')
  for (const junk of [null, 'bob', [], { id: {}, email: [], username: null }]) {
    expect(normaliseUser({ user: junk }, {}, null)).toEqual({ id: null, email: null, username: null, ip: null })
  }
})

test('long ones are cut', () => {
  const user = normaliseUser(
    { user: { id: 'i'.repeat(200), email: 'e'.repeat(200), username: 'u'.repeat(200) } },
    {},
    null,
  )
  expect([user.id?.length, user.email?.length, user.username?.length]).toEqual([128, 75, 128])
})

describe('the address', () => {
  test.each(['localhost', '1.2.3', '1.2.3.4:80', '', 7, null, {}, '1'.repeat(1000)])('%j is none', (ip_address) => {
    expect(ip({ user: { ip_address } })).toBeNull()
  })
  test('is the sender where the SDK asks for that', () => {
    expect(ip({ user: { ip_address: '{{auto}}' } })).toBe(CLIENT)
    expect(ip({ user: { ip_address: '{{auto}}' } }, null)).toBeNull()
    expect(ip({ sdk: { settings: { infer_ip: 'auto' } } })).toBe(CLIENT)
    expect(ip({ sdk: { settings: { infer_ip: 'auto' } }, user: { ip_address: '10.0.0.1' } })).toBe('10.0.0.1')
  })
  test('is never the sender unasked, nor where the SDK forbids it', () => {
    expect(ip({ platform: 'javascript', user: { id: 1 } })).toBeNull()
    expect(ip({ user: { ip_address: '{{auto}}' }, sdk: { settings: { infer_ip: 'never' } } })).toBeNull()
  })
  test('may stand in the request', () => {
    expect(ip({}, CLIENT, { env: { REMOTE_ADDR: '10.0.0.2' } })).toBe('10.0.0.2')
    expect(ip({}, CLIENT, { env: { REMOTE_ADDR: '{{auto}}' } })).toBe(CLIENT)
    expect(ip({ user: { ip_address: '10.0.0.1' } }, CLIENT, { env: { REMOTE_ADDR: '10.0.0.2' } })).toBe('10.0.0.1')
    expect(ip({}, CLIENT, { env: { REMOTE_ADDR: 'proxy' } })).toBeNull()
  })
})
