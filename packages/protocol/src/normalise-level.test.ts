import { expect, test } from 'vitest'
import { normaliseLevel } from './normalise-level.ts'

test.each<[unknown, string]>([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warning', 'warning'],
  ['error', 'error'],
  ['fatal', 'fatal'],
  ['log', 'info'],
  ['warn', 'warning'],
  ['critical', 'fatal'],
  [' Fatal ', 'fatal'],
  [10, 'debug'],
  [20, 'info'],
  [30, 'warning'],
  [40, 'error'],
  [50, 'fatal'],
  [35, 'error'],
  ['loud', 'error'],
  ['constructor', 'error'],
  ['', 'error'],
  [undefined, 'error'],
  [{}, 'error'],
])('level %j is %s', (value, level) => {
  expect(normaliseLevel(value)).toBe(level)
})
