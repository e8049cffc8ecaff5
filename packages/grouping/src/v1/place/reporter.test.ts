import { expect, test } from 'vitest'
import { isReporter } from './reporter.ts'

test.each([
  ['report'],
  ['reportError'],
  ['report_error'],
  ['captureException'],
  ['capture_to_sentry'],
  ['Errors.logError'],
  ['App\\Monitor::notifyFailure'],
  ['track_exceptions'],
  ['respondWithError'],
  ['_logErr'],
])('%s tells of what broke elsewhere', (name) => {
  expect(isReporter(name)).toBe(true)
})

test.each([['reportSales'], ['login'], ['captureOrder'], ['trackParcel'], ['errorOf'], ['pay']])(
  '%s is a place',
  (name) => {
    expect(isReporter(name)).toBe(false)
  },
)
