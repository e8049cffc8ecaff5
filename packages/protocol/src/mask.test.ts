import { describe, expect, test } from 'vitest'
import { isSecretName, MASK, maskText, maskUrls, readMasked } from './mask.ts'

test.each([
  'password',
  'Password',
  'user_password',
  'passwd',
  'db.passwd',
  'pwd',
  'mysql_pwd',
  'passphrase',
  'secret',
  'client_secret',
  'AWS_SECRET_ID',
  'token',
  'access_token',
  'accessToken',
  'X-Auth-Token',
  'csrfToken',
  'api_key',
  'apikey',
  'X-Api-Key',
  'key',
  'private_key',
  'accessKey',
  'auth',
  'Authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'credential',
  'credentials',
  'jwt',
  'bearer',
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true)
})

test.each([
  '',
  'author',
  'monkey',
  'keyboard',
  'cache_key',
  'primary-key',
  'token_count',
  'tokens',
  'passenger',
  'user',
  'region',
  'handled',
])('%j does not', (name) => {
  expect(isSecretName(name)).toBe(false)
})

describe('URLs in a text', () => {
  test.each([
    ['https://bob:hunter2@example.com/a', 'https://example.com/a'],
    ['postgres://bob:p@ss@db:5432/x failed', 'postgres://db:5432/x failed'],
    ['get http://a@b/ and ftp://c:d@e/', 'get http://b/ and ftp://e/'],
    ['mail bob@example.com about http://example.com', 'mail bob@example.com about http://example.com'],
    ['GET /cb?code=1&access_token=abc&x=2 500', 'GET /cb?code=1&access_token=[masked]&x=2 500'],
    ['http://x/#token=abc', 'http://x/#token=[masked]'],
    ['"http://x/?api_key=abc"', '"http://x/?api_key=[masked]"'],
    ['token=5 unexpected', 'token=5 unexpected'],
    ['a==b?c', 'a==b?c'],
  ])('%s', (text, expected) => {
    expect(maskUrls(text)).toBe(expected)
  })
  test('a mask that makes a text longer does not make it too long', () => {
    const limit = { charsMax: 40, allowance: 0 }
    const masked = readMasked(`/?${'token=a&'.repeat(50)}`, limit)
    expect(masked).toHaveLength(40)
    expect(masked).toMatch(/^\/\?token=\[masked\]&/)
    expect(readMasked('', limit)).toBeNull()
    expect(readMasked(MASK, limit)).toBe(MASK)
  })
  test.each(['://', '?a=', '&', '@', '://@', ';a', '?'.padEnd(60, 'a')])(
    'a megabyte of %j is masked in no time',
    (part) => {
      const started = performance.now()
      maskUrls(part.repeat(1_000_000 / part.length))
      expect(performance.now() - started).toBeLessThan(2000)
    },
  )
})

describe('what looks like JSON or Python in a text', () => {
  test.each([
    ['{"user":"bob","password":"hunter2"}', '{"user":"bob","password":"[masked]"}'],
    ["got {'api_key': 'a\\'b', 'x': 1}", "got {'api_key': '[masked]', 'x': 1}"],
    ['{"token" : 12345, "a": 1}', '{"token" : "[masked]", "a": 1}'],
    ['{"password":"cut in the mid', '{"password":"[masked]"'],
    ['{"password":null,"token":None}', '{"password":null,"token":None}'],
    ['{"a":{"secret":"x"}}', '{"a":{"secret":"[masked]"}}'],
    ['{"monkey":"x"}', '{"monkey":"x"}'],
    ['he said "password": no', 'he said "password": "[masked]"'],
    ['http://u:p@h/?token=1', 'http://h/?token=[masked]'],
  ])('%s', (text, expected) => {
    expect(maskText(text)).toBe(expected)
  })
  test.each(['"', '"a":', '"a":"', `"a":'`, '\\"', '"a":"\\', "'\n"])(
    'a megabyte of %j is masked in no time',
    (part) => {
      const started = performance.now()
      maskText(`"":${part.repeat(1_000_000 / part.length)}`)
      expect(performance.now() - started).toBeLessThan(2000)
    },
  )
})
