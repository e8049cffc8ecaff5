import { expect, test } from 'vitest'
import { parseDsn } from './dsn.ts'
import { matchDsn } from './match-dsn.ts'

const dsn = parseDsn(`https://${'a'.repeat(32)}@sentry.example/42`)
const other = parseDsn(`https://${'b'.repeat(32)}@other.example/43`)

test('an envelope that names its request passes, and so does one that names none', () => {
  expect(() => matchDsn(dsn, dsn)).not.toThrow()
  expect(() => matchDsn(null, dsn)).not.toThrow()
})

test('a part the request does not have is not compared', () => {
  expect(() => matchDsn(dsn, { publicKey: dsn.publicKey, projectId: null })).not.toThrow()
  expect(() => matchDsn(dsn, { publicKey: null, projectId: dsn.projectId })).not.toThrow()
  expect(() => matchDsn(dsn, { publicKey: null, projectId: other.projectId })).toThrow('invalid event envelope')
  expect(() => matchDsn(dsn, { publicKey: other.publicKey, projectId: null })).toThrow('invalid event envelope')
})
