import { expect, test } from 'vitest'
import { familyOf } from './family.ts'

test.each([
  ['node', 'javascript'],
  ['android', 'jvm'],
  ['kotlin', 'jvm'],
  ['fsharp', 'dotnet'],
  ['cocoa', 'native'],
  ['rust', 'native'],
  ['flutter', 'dart'],
  ['erlang', 'elixir'],
  ['python', 'python'],
  ['perl', 'other'],
  ['constructor', 'other'],
  ['', 'other'],
])('%s is spelled as %s', (platform, family) => {
  expect(familyOf(platform)).toBe(family)
})
