import { expect, test } from 'vitest'
import { firstLines } from './lines.ts'

test('lines end as they do in any language, and blank ones do not count', () => {
  expect(firstLines('\n a \r\n\n\tb\u2028c\u0085d', 9)).toEqual(['a', 'b', 'c', 'd'])
  expect(firstLines('a\nb\nc', 2)).toEqual(['a', 'b'])
  expect(firstLines(' \n ', 1)).toEqual([])
})
