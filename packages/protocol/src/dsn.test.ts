import { describe, expect, test } from 'vitest'
import { formatDsn, parseDsn } from './dsn.ts'

const KEY = 'e12d836b15bb49d7bbf99e64295d995b'

describe('a DSN is read', () => {
  test.each([
    `https://${KEY}@sentry.example/42`,
    `http://${KEY}@localhost:3000/42`,
    `https://${KEY}:secret@sentry.example/42`,
    `https://${KEY}:@sentry.example/42`,
    `https://${KEY}@sentry.example/some/prefix/42`,
    `https://${KEY}@sentry.example/42/`,
    `https://${KEY}@[::1]:3000/42`,
  ])('%s', (text) => {
    expect(parseDsn(text)).toEqual({ publicKey: KEY, projectId: '42' })
  })
})

describe('a DSN is refused with the part that is wrong', () => {
  test.each([
    ['', 'a DSN is an http or https URL'],
    ['sentry.example/42', 'a DSN is an http or https URL'],
    [`ftp://${KEY}@sentry.example/42`, 'a DSN is an http or https URL'],
    ['https://sentry.example/42', 'bad sentry DSN public key'],
    ['https://abc@sentry.example/42', 'bad sentry DSN public key'],
    [`https://${KEY}@sentry.example/`, 'bad project path parameter'],
    [`https://${KEY}@sentry.example/abc`, 'bad project path parameter'],
  ])('%j: %s', (text, cause) => {
    expect(() => parseDsn(text)).toThrow(
      expect.objectContaining({ code: 'bad_dsn', causes: expect.arrayContaining([cause]) }),
    )
  })
})

test.each([
  ['http://127.0.0.1:3000', `http://${KEY}@127.0.0.1:3000/42`],
  ['https://errors.example/', `https://${KEY}@errors.example/42`],
  ['https://example.com/errors/', `https://${KEY}@example.com/errors/42`],
])('a DSN for %s keeps host, port and prefix', (publicUrl, dsn) => {
  const parts = parseDsn(`https://${KEY}@x/42`)
  expect(formatDsn({ publicUrl, ...parts })).toBe(dsn)
  expect(parseDsn(formatDsn({ publicUrl, ...parts }))).toEqual(parts)
})
