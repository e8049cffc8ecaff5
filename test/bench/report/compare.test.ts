import { expect, test } from 'vitest'
import { compareRows } from './compare.ts'
import type { Row } from './row.ts'

const BEFORE: Row[] = [
  { what: 'digested, 1 worker', value: 800, unit: '/s' },
  { what: '  × one worker', value: 1.4, unit: '×' },
  { what: 'gone', value: 1, unit: 'ms' },
]
const AFTER: Row[] = [
  { what: 'digested, 1 worker', value: 1200, unit: '/s' },
  { what: '  × one worker', value: 1.05, unit: '×' },
  { what: 'new', value: null, unit: 'MiB' },
]

test('figures of the same name stand side by side with their ratio, others by themselves', () => {
  const [, , ...lines] = compareRows(BEFORE, AFTER).split('\n')
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['digested, 1 worker', '800/s', '1,200/s', '1.50'],
    ['digested, 1 worker:', '× one worker', '1.400 ×', '1.050 ×', '0.75'],
    ['gone', '1.00 ms'],
    ['new', '–'],
  ])
})
