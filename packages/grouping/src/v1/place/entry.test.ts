import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { isBelowLibrary, isEntry } from './entry.ts'

test.each([['main'], ['Program.Main'], ['Shop::dispatch'], ['__call__'], ['bootstrap']])(
  'programs or requests begin in %s',
  (name) => {
    expect(isEntry(name)).toBe(true)
  },
)

test.each([['domain'], ['mainLoop'], ['pay']])('%s is a place', (name) => {
  expect(isEntry(name)).toBe(false)
})

test('a library between the failure and its place counts, the language’s own does not', () => {
  const place = sampleFrame({ function: 'main', module: 'main' })
  const library = sampleFrame({ function: 'Next', module: 'github.com/gin-gonic/gin' })
  const runtime = sampleFrame({ function: 'Unmarshal', module: 'encoding/json' })
  expect(isBelowLibrary([library, place], place, 'go')).toBe(true)
  expect(isBelowLibrary([runtime, place], place, 'go')).toBe(false)
  expect(isBelowLibrary([place, library], place, 'go')).toBe(false)
})
