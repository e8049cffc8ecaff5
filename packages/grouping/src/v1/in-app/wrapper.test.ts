import { expect, test } from 'vitest'
import { isWrapper } from './wrapper.ts'

test.each([
  ['sentryWrapped'],
  ['HTMLButtonElement.sentryWrapped'],
  ['nrWrapper'],
  ['ZoneDelegate.invokeTask'],
  ['Zone.runTask'],
  // React and React Native.
  ['renderWithHooks'],
  ['beginWork'],
  ['commitPassiveMountEffects'],
  ['flushPassiveEffects'],
  ['__callFunction'],
  ['tryCallOne'],
  // Babel's.
  ['asyncGeneratorStep'],
  ['_next'],
  // Angular and Vue.
  ['executeTemplate'],
  ['callWithErrorHandling'],
  ['XMLHttpRequest.xhr.onload'],
])('%s carries others', (name) => {
  expect(isWrapper(name)).toBe(true)
})

test.each([['Cart.pay'], ['committee'], ['beginWorkday'], ['myZone'], ['invokeLater'], ['Zones.load']])(
  '%s was written by somebody',
  (name) => {
    expect(isWrapper(name)).toBe(false)
  },
)
