import { expect, test } from 'vitest'
import { parsePublicKey } from './public-key.ts'

const KEY = 'e12d836b15bb49d7bbf99e64295d995b'

test('flags behind a key are split off', () => {
  expect(parsePublicKey(KEY)).toBe(KEY)
  expect(parsePublicKey(`${KEY}.no-cache`)).toBe(KEY)
  expect(parsePublicKey(`${KEY}.a.b`)).toBe(KEY)
})

test.each(['', '.no-cache', KEY.slice(1), `${KEY}0`, KEY.toUpperCase(), `${KEY.slice(1)}g`, ` ${KEY}`, `${KEY}\n`])(
  '%j is no key',
  (text) => {
    expect(() => parsePublicKey(text)).toThrow(
      expect.objectContaining({
        code: 'bad_public_key',
        message: 'bad sentry DSN public key',
        causes: ['invalid project key'],
      }),
    )
  },
)
