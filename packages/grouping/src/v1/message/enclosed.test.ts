import { expect, test } from 'vitest'
import { readObject, readQuoted } from './enclosed.ts'
import { startScan } from './scan.ts'

test.each([
  ['"bob" is', '"bob"'],
  ["'a b' is", "'a b'"],
  ["`x' is", "`x'"],
  ['`x` is', '`x`'],
  ['“y” is', '“y”'],
  ['«z» is', '«z»'],
  ['"a \\" b" is', '"a \\" b"'],
  ["'it's mine' is", "'it's mine'"],
])('of %s the quotation is %s', (text, quoted) => {
  expect(text.slice(0, readQuoted(startScan(text), 0)?.end)).toBe(quoted)
})

test('a quote behind a word opens nothing, and one that nothing closes is not looked for again', () => {
  expect(readQuoted(startScan("can't do' it"), 3)).toBeNull()
  const scan = startScan("'a 'b")
  expect(readQuoted(scan, 0)).toBeNull()
  expect(scan.unclosed).toBe("'")
})

test('an object ends with its own bracket', () => {
  const text = '{"a":{"b":1}} and }'
  expect(text.slice(0, readObject(startScan(text), 0)?.end)).toBe('{"a":{"b":1}}')
  expect(readObject(startScan('{id} is'), 0)).toBeNull()
  const scan = startScan('{"a":1')
  expect(readObject(scan, 0)).toBeNull()
  expect(scan.unclosed).toBe('{')
})
