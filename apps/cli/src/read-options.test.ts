import { expect, test } from 'vitest'
import { CommandError } from './command-error.ts'
import { readOptions } from './read-options.ts'

const OPTIONS = { name: { type: 'string' }, json: { type: 'boolean' } } as const

test('options are read in any order and spelling parseArgs knows', () => {
  expect(readOptions(['--json', '--name', 'Shop'], OPTIONS)).toEqual({ name: 'Shop', json: true })
  expect(readOptions(['--name=Shop with = in it'], OPTIONS)).toEqual({ name: 'Shop with = in it' })
  expect(readOptions([], OPTIONS)).toEqual({})
})

test.for([
  [['--nmae', 'Shop'], '--nmae'],
  [['--name'], '--name'],
  [['--name', '--json'], '--name'],
  [['--json=yes'], '--json'],
  [['Shop'], 'Shop'],
] as const)('%j is one sentence that names the word at fault', ([words, named]) => {
  const reading = () => readOptions(words, OPTIONS)
  expect(reading).toThrow(CommandError)
  expect(reading).toThrow(named)
})
