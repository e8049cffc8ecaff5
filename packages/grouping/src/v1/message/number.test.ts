import { expect, test } from 'vitest'
import { readNumber } from './number.ts'

/** What of a text is the number it begins with. */
function read(text: string) {
  const value = readNumber(text, 0)
  return value && { kind: value.kind, text: text.slice(0, value.end) }
}

test.each([
  ['17', 'num'],
  ['3.5', 'num'],
  ['1,234,567.89', 'num'],
  ['3.5e10', 'num'],
  ['2e-5', 'num'],
  ['15ms', 'num'],
  ['1h30m5s', 'num'],
  ['2.5GiB', 'num'],
  ['16px', 'num'],
  ['50 ms', 'num'],
  ['3 minutes', 'num'],
  ['21°C', 'num'],
  ['10.0.0.1', 'ip'],
])('%s is a whole %s', (text, kind) => {
  expect(read(text)).toEqual({ kind, text })
})

test.each([
  ['17. Then', '17'],
  ['5 monkeys', '5'],
  ['1.2.3.4.5.6', '1.2.3.4.5.6'],
  ['10 h2', '10'],
])('of %s it is %s', (text, number) => {
  expect(read(text)?.text).toBe(number)
})

test.each([['3rd'], ['2FA'], ['5x']])('%s is a word', (text) => {
  expect(read(text)).toBeNull()
})
