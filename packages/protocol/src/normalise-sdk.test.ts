import { expect, test } from 'vitest'
import { normaliseSdk } from './normalise-sdk.ts'

const own = { name: 'sentry.python', version: '1.9.10' }
const header = { name: 'sentry.header', version: '2' }

test('the payload says it first, then the envelope, then the request', () => {
  expect(normaliseSdk(own, header, 'c/3')).toEqual(own)
  expect(normaliseSdk(undefined, header, 'c/3')).toEqual(header)
  expect(normaliseSdk({ name: '' }, null, 'c/3')).toEqual({ name: 'c', version: '3' })
  expect(normaliseSdk('x', null, null)).toBeNull()
})

test.each([
  ['raven-node/2.6.3', 'raven-node', '2.6.3'],
  ['raven-ruby 3.1.2', 'raven-ruby', '3.1.2'],
  ['@acme/sdk/1.0', '@acme/sdk', '1.0'],
  ['curl', 'curl', null],
  ['curl/', 'curl', null],
])('client %s is %s of version %s', (client, name, version) => {
  expect(normaliseSdk(null, null, client)).toEqual({ name, version })
})
