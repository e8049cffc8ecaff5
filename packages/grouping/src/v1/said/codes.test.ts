import { describe, expect, test } from 'vitest'
import { sampleException } from '../../sample-event.ts'
import { codeComponent, describeCodes, readCodes } from './codes.ts'

describe('codes of systems', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', ['ECONNREFUSED']],
    ["ENOENT: no such file or directory, open '/tmp/x'", ['ENOENT']],
    ['getaddrinfo EAI_AGAIN db', ['EAI_AGAIN']],
    ["[Errno 13] Permission denied: '/x'", ['errno 13']],
    ['[WinError 5] Zugriff verweigert', ['errno 5']],
    ['No such file (os error 2)', ['errno 2']],
  ])('%s', (text, codes) => {
    expect(readCodes(text)).toEqual(codes)
  })
})

describe('codes of databases', () => {
  test.each([
    ['SQLSTATE[23000]: Integrity constraint violation', ['SQLSTATE 23000']],
    ['ERROR: deadlock detected (SQLSTATE 40P01)', ['SQLSTATE 40P01']],
    ['ORA-00001: unique constraint violated', ['ORA-00001']],
    ['E11000 duplicate key error collection: shop.users index: email_1 dup key', ['E11000', 'email_1']],
  ])('%s', (text, codes) => {
    expect(readCodes(text)).toEqual(codes)
  })

  test.each([
    ['duplicate key value violates unique constraint "users_email_key"'],
    ['doppelter Schlüsselwert verletzt Unique-Constraint »users_email_key«'],
    ['la valeur d’une clé dupliquée rompt la contrainte unique « users_email_key »'],
    ["Duplicate entry 'a@b.com' for key 'users.users_email_key'"],
    ["Duplicate entry 'a@b.com' for key 'users_email_key'"],
    ["Violation of UNIQUE KEY constraint 'users_email_key'. Cannot insert duplicate key"],
    ['Verletzung der UNIQUE KEY-Einschränkung "users_email_key"'],
    ['Unique constraint failed on the constraint: `users_email_key`'],
    ['* "users_email_key" (unique_constraint)'],
  ])('the constraint of %s', (text) => {
    expect(readCodes(text)).toEqual(['users_email_key'])
  })

  test('a constraint of SQLite has the name of its table and column', () => {
    expect(readCodes('UNIQUE constraint failed: users.email')).toEqual(['email'])
  })
})

describe('codes of requests', () => {
  test.each([
    ['Request failed with status code 404', 'status 404'],
    ['Response status code does not indicate success: 503 (Service Unavailable).', 'status 503'],
    ['HTTP 502', 'status 502'],
    ['HTTP/1.1 500 Internal Server Error', 'status 500'],
    ['404 Client Error: Not Found for url: https://a.example/x', 'status 404'],
    ['upstream answered 503', 'status 503'],
    ['the server responded with a status of 429 ()', 'status 429'],
  ])('%s', (text, code) => {
    expect(readCodes(text)).toEqual([code])
  })

  test.each([['took 404 ms'], ['status code 200.5'], ['order 500 is gone'], ['version 4040']])('none in %s', (text) => {
    expect(readCodes(text)).toEqual([])
  })
})

describe('codes of frameworks', () => {
  test.each([
    ['Minified React error #310; visit https://react.dev', 'error 310'],
    ['rpc error: code = NotFound desc = no cart', 'code NotFound'],
    ['Error Domain=NSURLErrorDomain Code=-1009 "…"', 'code -1009'],
    ['PlatformException(sign_in_failed, x, null, null)', 'code sign_in_failed'],
    ['Undefined variable $x (View: /var/www/resources/views/orders/show.blade.php)', 'view orders/show.blade.php'],
  ])('%s', (text, code) => {
    expect(readCodes(text)).toEqual([code])
  })
})

test('of a kind the first one counts, of a text four, in the order of the alphabet', () => {
  expect(readCodes('status 404, then status 500')).toEqual(['status 404'])
  expect(readCodes('ENOENT errno 2 SQLSTATE 40P01 status 500 error #7').length).toBe(4)
  expect(readCodes('status 500 after ENOENT')).toEqual(readCodes('ENOENT, so status 500'))
})

test('what stands deep in a text is not looked for', () => {
  expect(readCodes(`${'x '.repeat(2000)}ENOENT`)).toEqual([])
})

test('of a chain, the code an SDK names stands for those of its text', () => {
  const named = sampleException('NSError', 'nicht verbunden (Code=5)', [], { code: 'NSURLErrorDomain -1009' })
  const other = sampleException('Error', 'status 500')
  expect(describeCodes([other, named, other, sampleException('E', null)])).toEqual([
    codeComponent('NSURLErrorDomain -1009'),
    codeComponent('status 500'),
  ])
})
