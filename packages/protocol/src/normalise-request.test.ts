import { expect, test } from 'vitest'
import { findHeader, normaliseRequest } from './normalise-request.ts'

test.each<[unknown, string | null]>([
  ['http://example.com/path?foo#bar', 'http://example.com/path'],
  ['http://example.com/path#foo?bar', 'http://example.com/path'],
  ['http://example.com/path…', 'http://example.com/path...'],
  ['metamask/popup.html#', 'metamask/popup.html'],
  ['https://bob:hunter2@example.com/a', 'https://example.com/a'],
  [' /orders/17?token=abc ', '/orders/17'],
  [`http://x/${'y'.repeat(5000)}`, `http://x/${'y'.repeat(244)}...`],
  ['?only=query', null],
  ['', null],
  [7, null],
  [null, null],
])('url %j becomes %j', (url, expected) => {
  expect(normaliseRequest({ url }).url).toBe(expected)
})

test.each<[unknown, string | null]>([
  ['get', 'GET'],
  ['POST', 'POST'],
  ['M-SEARCH', 'M-SEARCH'],
  ['!!!!', null],
  ['GO', null],
  ['x'.repeat(33), null],
  ['', null],
  [7, null],
])('method %j becomes %j', (method, expected) => {
  expect(normaliseRequest({ method }).method).toBe(expected)
})

test.each<[unknown, string | null]>([
  [{ 'User-Agent': 'x' }, 'x'],
  [{ 'user-agent': ['x', 'y'] }, 'x'],
  [
    [
      ['Host', 'h'],
      ['USER-AGENT', 'x'],
    ],
    'x',
  ],
  [[null, 7, ['user-agent', 7], ['user-agent', 'x']], 'x'],
  [{}, null],
  ['User-Agent: x', null],
  [null, null],
])('the header in %j is %j', (headers, expected) => {
  expect(findHeader(headers, 'user-agent')).toBe(expected)
})
