import { expect, test } from 'vitest'
import { readColons, readEmail, readUrl, skipRun } from './address.ts'

test.each([
  ['https://a.example/x?y=1, then', 'https://a.example/x?y=1'],
  ['https://a.example/x.', 'https://a.example/x'],
  ['http://[::1]:80/x', 'http://[::1]:80/x'],
  ['https://a.example/(x)', 'https://a.example/'],
])('of %s the URL is %s', (text, url) => {
  expect(text.slice(0, readUrl(text, text.indexOf(':'))?.end)).toBe(url)
})

test.each([['http:// x'], ['http:/x'], ['std::pay']])('%s is no URL', (text) => {
  expect(readUrl(text, text.indexOf(':'))).toBeNull()
})

test.each([
  ['john.doe+x@example.co.uk failed', 'john.doe+x@example.co.uk'],
  ['a@b.com.', 'a@b.com'],
])('of %s the address is %s', (text, address) => {
  expect(text.slice(0, readEmail(text, skipRun(text, 0))?.end)).toBe(address)
})

test.each([['a@b'], ['@b.com'], ['a.b'], ['a@b.1']])('%s is no e-mail address', (text) => {
  expect(readEmail(text, skipRun(text, 0))).toBeNull()
})

test.each([
  ['00:1a:2b:3c:4d:5e', 'mac'],
  ['fe80::1', 'ip'],
  ['::1', 'ip'],
  ['2001:db8:0:0:0:0:0:1', 'ip'],
])('%s is a %s', (text, kind) => {
  expect(readColons(text, 0)).toEqual({ end: text.length, kind })
})

test.each([['Cart::pay'], ['12:34'], ['::'], ['a:b'], ['1:2:3:4:5:6:7:8:9']])('%s is neither MAC nor IP', (text) => {
  expect(readColons(text, 0)).toBeNull()
})
