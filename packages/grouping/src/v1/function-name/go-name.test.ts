import { expect, test } from 'vitest'
import { readGoName } from './go-name.ts'

test.each([
  ['pay', 'pay'],
  ['Pay', 'Pay'],
  ['(*Server).pay', 'Server.pay'],
  ['Server.Pay', 'Server.Pay'],
  // Closures, also those of `go` and `defer`.
  ['(*Server).pay.func2.1', 'Server.pay'],
  ['pay.func1', 'pay'],
  ['pay.gowrap1', 'pay'],
  ['pay.deferwrap2', 'pay'],
  // A method that was passed on, and an iterator.
  ['(*Server).pay-fm', 'Server.pay'],
  ['pay-range1', 'pay'],
  // Generics.
  ['Map[...]', 'Map'],
  ['(*Cache[...]).Get', 'Cache.Get'],
  ['Map[...].func1', 'Map'],
  // Inlined into another function.
  ['Slots.Days.All', 'Slots.Days'],
  ['days.All.func1', 'days'],
  // A package variable’s.
  ['glob..func1', ''],
])('%s is %s', (name, read) => {
  expect(readGoName(name)).toBe(read)
})
