import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../seeded-random.ts'
import { parameterise } from './parameterise.ts'

describe('what varies from event to event is one mark', () => {
  test.each([
    // Numbers, with signs, units and durations.
    ['Order 123 not found', 'Order <*> not found'],
    ['-5 below and +3.5e10, 1,234,567.89 above', '<*> below and <*> above'],
    ['took 15ms, then 2.5 s and 1h30m5s of 3 GB', 'took <*>, then <*> and <*> of <*>'],
    ['v1.2.3 and v2.0', 'v<*> and v<*>'],
    // Identifiers of machines.
    ['Order 9f8a7b6c-1234-4abc-8def-0123456789AB gone', 'Order <*> gone'],
    ['at 0x7ffe12ab or deadbeef12 or a1b2c3d', 'at <*> or <*> or <*>'],
    ['sha 3b18e512dba79e4c8300dd08aeb37f8e728b8dad', 'sha <*>'],
    ['user 507f1f77bcf86cd799439011', 'user <*>'],
    ['for cus_9s6XKzkNRiz8i3 and 01ARZ3NDEKTSV4RRFFQ69G5FAV', 'for <*> and <*>'],
    ['no user_12345 here', 'no <*> here'],
    ['seat SK441 taken', 'seat <*> taken'],
    ['pod shop-worker-5f2b9c7d4-x2x7q gone', 'pod <*> gone'],
    ['traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'traceparent <*>'],
    ['#<Order:0x00007f8b1c0a2b30 @id=1> is gone', '<*> is gone'],
    ['no process: #PID<0.1234.0>', 'no process: <*>'],
    // Dates and times.
    ['on 2024-01-02T03:04:05.123Z by x', 'on <*> by x'],
    ['on 2024-01-02 03:04:05,123 by x', 'on <*> by x'],
    ['on 02.01.2024 by x', 'on <*> by x'],
    ['from 12:34:56 to 3:04:05 PM', 'from <*> to <*>'],
    ['on Mon, 02 Jan 2006 15:04:05 GMT', 'on <*>'],
    ['on Tue Mar 05 2024 10:00:00 GMT+0100 (Central European Time)', 'on <*>'],
    // Addresses.
    ['connect to 10.0.0.1:5432 failed', 'connect to <*> failed'],
    ['from fe80::1ff:fe23:4567:890a or ::1 or 2001:db8:0:0:0:0:0:1', 'from <*> or <*> or <*>'],
    ['dial [2001:db8::7]:443: refused', 'dial <*>: refused'],
    ['from 00:1a:2b:3c:4d:5e', 'from <*>'],
    ['GET https://api.example.com/v1/users/55?x=1 failed', 'GET <*> failed'],
    ['redis://user:pass@host:6379/0 down', '<*> down'],
    ['mail to john.doe+x@example.co.uk failed', 'mail to <*> failed'],
    ['no /var/lib/shop/uploads/17.png there', 'no <*> there'],
    // Tokens.
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N bad', 'token <*> bad'],
    ['key kJ8xQz4mPv2LrT9w== bad', 'key <*> bad'],
    // What somebody put between quotes, and objects.
    ['no user "bob"', 'no user <*>'],
    ["no file 'a b' here", 'no file <*> here'],
    ["no `x' here", 'no <*> here'],
    ['no “y” and no «z»', 'no <*> and no <*>'],
    ['got {"user":"bob","id":5} back', 'got <*> back'],
    // Lists of any length.
    ['ids 1, 2, 3 unknown', 'ids <*> unknown'],
    ['ids [1,2] unknown', 'ids [<*>] unknown'],
    ['/orders/123/items at cart.js:10:20', '/orders/<*>/items at cart.js:<*>'],
    ['tab\t\tand  spaces', 'tab and spaces'],
  ])('%s', (text, replaced) => {
    expect(parameterise(text)).toBe(replaced)
  })
})

test.each([
  ['order 17', 'order 9f8a7b6c-1234-4abc-8def-0123456789AB'],
  ['order 17', 'order deadbeef12'],
  ['order 17', 'order "seventeen"'],
  ['ids 1', 'ids 1, 2, 3'],
])('%j and %j are one text', (one, other) => {
  expect(parameterise(one)).toBe(parameterise(other))
})

describe('what tells one failure from another stays', () => {
  test.each([
    ['Http404 utf8 h2 arm64 sha256 base64Encode E11000 3rd 2FA x86'],
    ['Request failed with status code 404'],
    ['HTTP 503, exit code 137, [Errno 13], status: 500, errno=-2'],
    ["Cannot read properties of undefined (reading 'id')"],
    ['column "total" of relation "orders" does not exist'],
    ['no service \'Shop.IOrderMailer\', no setting "SMTP_HOST"'],
    ["can't open, John's and the users' files"],
    ['OrderNotFoundError of getOrderTotalWithTaxes'],
    ['Cart::pay, a.b@c, decade facade, http:// and ::'],
    ['Ünïcode, naïve — 漢字'],
    [''],
  ])('%s', (text) => {
    expect(parameterise(text)).toBe(text)
  })

  test('but not a number that only stands near such a word', () => {
    expect(parameterise('code 5, status of 17, exit code 1234567')).toBe('code <*>, status of <*>, exit code <*>')
  })
})

const PIECES = [
  "'",
  '"',
  '`',
  '“',
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
  '{',
  '}',
  '[',
]
  .concat(['#', 'é', '5', '42', '2024-01-02', '1.5', 'ms', ' s', 'a', 'deadbeef', 'status', 'code', 'exit', 'column'])
  .concat(['May', 'http://', 'v1', 'eyJ', 'x.com', '0x1f', '/var/', '#PID<', ']:', '<*>', '<*>-x2', 'ord_', ', '])

test('replacing twice changes nothing more (without braces, of which one may not be closed)', () => {
  const random = seededRandom(7)
  const texts = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + random(9) }, () => PIECES[random(PIECES.length)]).join(''),
  )
  expect(texts.filter((text) => parameterise(parameterise(text)) !== parameterise(text))).toEqual([])
})
