import { expect, test } from 'vitest'
import { CommandError } from './command-error.ts'
import { readQuota, readRate } from './read-limit.ts'

test.for([
  ['0', 0],
  ['1', 1],
  ['2147483647', 2_147_483_647],
  ['none', null],
] as const)('a rate of %s is %j', ([text, rate]) => {
  expect(readRate('--rate', text)).toBe(rate)
})

test.for([
  ['1', 1],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['none', null],
] as const)('a quota of %s is %j', ([text, quota]) => {
  expect(readQuota('--per-month', text)).toBe(quota)
})

test.for(['', '-1', '1.5', '1e3', '2147483648', '99999999999999999999', 'None', '0x10', ' 1'])(
  '%j is no rate, and the sentence names the option and the range',
  (text) => {
    expect(() => readRate('--rate', text)).toThrow(CommandError)
    expect(() => readRate('--rate', text)).toThrow('--rate is a whole number from 0 to 2147483647, or none')
  },
)

test('a quota of 0 would refuse everything, and is refused itself', () => {
  expect(() => readQuota('--per-hour', '0')).toThrow('--per-hour is a whole number from 1')
})
