import { describe, expect, test } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { parameterise } from './message.ts'

describe('what varies from event to event is replaced', () => {
  test.each([
    ['Order 123 not found', 'Order <num> not found'],
    ['-5 below, a-5, +3.5e10, 1,234,567.89', '<num> below, a-<num>, <num>, <num>'],
    ['took 15ms, then 2.5 s and 1h30m5s of 3 GB', 'took <num>, then <num> and <num> of <num>'],
    ['v1.2.3 and v2.0', 'v<num> and v<num>'],
    ['Order 9f8a7b6c-1234-4abc-8def-0123456789AB gone', 'Order <uuid> gone'],
    ['at 0x7ffe12ab, deadbeef12, a1b2c3d', 'at <hex>, <hex>, <hex>'],
    ['cus_9s6XKzkNRiz8i3 01ARZ3NDEKTSV4RRFFQ69G5FAV user_12345', 'cus_<id> <id> user_<num>'],
    [
      '2024-01-02T03:04:05.123Z 2024-01-02 03:04:05,123 from 02.01.2024 to 12:34:56',
      '<date> <date> from <date> to <date>',
    ],
    ['on Mon, 02 Jan 2006 15:04:05 GMT', 'on <date>'],
    ['on Tue Mar 05 2024 10:00:00 GMT+0100 (Central European Time)', 'on <date>'],
    ['connect ECONNREFUSED 10.0.0.1:5432', 'connect ECONNREFUSED <ip>:<num>'],
    ['from fe80::1ff:fe23:4567:890a, ::1, 2001:db8:0:0:0:0:0:1', 'from <ip>, <ip>, <ip>'],
    ['from 00:1a:2b:3c:4d:5e', 'from <mac>'],
    ['GET https://api.example.com/v1/users/55?x=1, failed.', 'GET <url>, failed.'],
    ['redis://user:pass@host:6379/0 down', '<url> down'],
    ['mail to john.doe+x@example.co.uk failed', 'mail to <email> failed'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N', 'token <jwt>'],
    ["no user \"bob\", no file 'a b', no `x', no “y”", 'no user <quoted>, no file <quoted>, no <quoted>, no <quoted>'],
    ['{"user":"bob","id":5}', '{<quoted>:<quoted>,<quoted>:<num>}'],
    ['/orders/123/items at cart.js:10:20', '/orders/<num>/items at cart.js:<num>:<num>'],
    ['tab\t\tand  spaces', 'tab and spaces'],
  ])('%s', (text, replaced) => {
    expect(parameterise(text)).toBe(replaced)
  })
})

describe('what tells one failure from another is kept', () => {
  test.each([
    ['Http404 utf8 h2 arm64 sha256 base64Encode E11000 ISO8859 3rd 2FA x86'],
    ['Request failed with status code 404'],
    ['HTTP 503, exit code 137, [Errno 13], status: 500, errno=-2'],
    ["Cannot read properties of undefined (reading 'id')"],
    ['column "total" of relation "orders" does not exist'],
    ["can't open, John's and the users' files"],
    ['Cart::pay, a.b@c, decade facade, http:// and ::'],
    ['Ünïcode, naïve — 漢字'],
  ])('%s', (text) => {
    expect(parameterise(text)).toBe(text)
  })

  test('but not a number that only stands near such a word', () => {
    expect(parameterise('code 5, status of 17, exit code 1234567')).toBe('code <num>, status of <num>, exit code <num>')
  })
})

test('replacing twice changes nothing more', () => {
  const pieces = [
    "'",
    '"',
    '`',
    ' ',
    '-',
    ':',
    '::',
    '.',
    ',',
    '@',
    '/',
    '=',
    '(',
    '<',
    '>',
    '_',
    '\\',
    '“',
    'é',
  ].concat([
    '5',
    '42',
    '2024-01-02',
    '1.5',
    'ms',
    ' s',
    'a',
    'deadbeef',
    'status',
    'code',
    'exit',
    'column',
    'May',
    'http://',
    'v1',
    'eyJ',
    'x.com',
    '0x1f',
  ])
  const random = seededRandom(7)
  const texts = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join(''),
  )
  expect(texts.filter((text) => parameterise(parameterise(text)) !== parameterise(text))).toEqual([])
})
