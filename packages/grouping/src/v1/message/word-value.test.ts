import { expect, test } from 'vitest'
import { startScan } from './scan.ts'
import { readWordValue } from './word-value.ts'

function read(text: string) {
  const value = readWordValue(startScan(text), 0, /^\d/.test(text))
  return value && [value.kind, text.slice(0, value.end)]
}

test.each([
  ['9f8a7b6c-1234-4abc-8def-0123456789AB x', 'uuid', '9f8a7b6c-1234-4abc-8def-0123456789AB'],
  ['0x7ffe12ab x', 'hex', '0x7ffe12ab'],
  ['deadbeef12 x', 'hex', 'deadbeef12'],
  ['17 x', 'num', '17'],
  ['01ARZ3NDEKTSV4RRFFQ69G5FAV x', 'id', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  ['kJ8xQz4mPv2LrT9w== x', 'id', 'kJ8xQz4mPv2LrT9w=='],
  [
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3 x',
    'jwt',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3',
  ],
  ['a@b.com x', 'email', 'a@b.com'],
  ['https://a.example x', 'url', 'https://a.example'],
  ['fe80::1 x', 'ip', 'fe80::1'],
  ['2024-01-02 x', 'date', '2024-01-02'],
  ['May 1 2024', 'date', 'May 1 2024'],
])('%s begins with a %s', (text, kind, value) => {
  expect(read(text)).toEqual([kind, value])
})

test.each([['order'], ['eyJshort.a.b'], ['May'], ['utf8'], ['9f8a7b6c-1234']])('%s does not begin with one', (text) => {
  expect(read(text)?.[0]).not.toBe('uuid')
  expect(read(text)?.[0]).not.toBe('jwt')
  expect(read(text)?.[0]).not.toBe('date')
})
