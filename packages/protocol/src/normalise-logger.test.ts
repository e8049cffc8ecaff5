import { expect, test } from 'vitest'
import { normaliseLogger } from './normalise-logger.ts'

test.each<[unknown, string | null]>([
  ['root', 'root'],
  [' root ', 'root'],
  ['', null],
  ['a\nb', null],
  [7, null],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), `*${'x'.repeat(63)}`],
  [`com.example.${'deep.'.repeat(12)}Logger`, `*${'.deep'.repeat(11)}.Logger`],
  [`a.${'é'.repeat(64)}`, `*${'é'.repeat(63)}`],
])('logger %j becomes %j', (value, logger) => {
  expect(normaliseLogger(value)).toBe(logger)
  expect(logger === null || Array.from(logger).length <= 64).toBe(true)
})
