import { expect, test } from 'vitest'
import { readDate } from './date.ts'

function read(text: string): string | null {
  const date = readDate(text, 0, /^\d/.test(text))
  return date && text.slice(0, date.end)
}

test.each([
  ['2024-01-02'],
  ['2024/1/2'],
  ['2024-01-02T03:04:05.123Z'],
  ['2024-01-02 03:04:05,123 +01:00'],
  ['02.01.2024'],
  ['1/2/2024, 3:04:05 PM'],
  ['20240102T030405Z'],
  ['12:34:56'],
  ['3:04:05 PM'],
  ['Mon, 02 Jan 2006 15:04:05 GMT'],
  ['02 January 2006'],
  ['Jan 2, 2006'],
  ['Tue Mar 05 2024 10:00:00 GMT+0100 (Central European Time)'],
  ['Tue Mar 5 10:00:00 2024'],
])('%s is one date', (text) => {
  expect(read(text)).toBe(text)
  expect(read(`${text} and more`)).toBe(text)
})

test.each([['12:34'], ['2024'], ['May I'], ['Monday'], ['1.2.3'], ['2024-01-02x']])('%s is none', (text) => {
  expect(read(text)).toBeNull()
})
