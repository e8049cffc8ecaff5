import { describe, expect, test } from 'vitest'
import { joinLiterals } from './mark.ts'

test.each([
  [['order ', ' is gone'], 'order <*> is gone'],
  [['', ''], '<*>'],
  [['order'], 'order'],
])('%j', (literals, text) => {
  expect(joinLiterals(literals)).toBe(text)
})

describe('what is part of a value goes with it', () => {
  test.each([
    // A prefixed id, a host with a generated tail, an address with its port.
    [['no ord_', ' here'], 'no <*> here'],
    [['on worker-', '-x2x7q now'], 'on <*> now'],
    [['dial [', ']:', ': refused'], 'dial <*>: refused'],
    // Lists of any length.
    [['ids ', ', ', ', ', ''], 'ids <*>'],
    [['at ', ':', ''], 'at <*>'],
  ])('%j', (literals, text) => {
    expect(joinLiterals(literals)).toBe(text)
  })
})

describe('what stands between two values and means something stays', () => {
  test.each([
    [['from ', ' to ', ''], 'from <*> to <*>'],
    [['', ' of ', ''], '<*> of <*>'],
    [['', '-east', ''], '<*>-east<*>'],
  ])('%j', (literals, text) => {
    expect(joinLiterals(literals)).toBe(text)
  })
})
