import { expect, test } from 'vitest'
import { partsOf } from './component.ts'

test('what is left out makes no part of a key', () => {
  const used = { kind: 'type', source: 'a.B', text: 'B', reason: 'x' } as const
  expect(partsOf([used, { ...used, text: null }, { ...used, kind: 'code', text: '17' }])).toEqual([
    { kind: 'type', text: 'B' },
    { kind: 'code', text: '17' },
  ])
})
