import { expect, test } from 'vitest'
import { CommandError } from './command-error.ts'
import { readOptions, readWordAndOptions } from './read-options.ts'

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

test('a command about one thing takes its word anywhere among the options', () => {
  for (const words of [
    ['1', '--name', 'Shop'],
    ['--name', 'Shop', '1'],
  ]) {
    expect(readWordAndOptions(words, 'ID', OPTIONS)).toEqual({ word: '1', options: { name: 'Shop' } })
  }
})

test.for([
  [[], 'ID is missing'],
  [['--json'], 'ID is missing'],
  [['1', '2'], 'unexpected argument: 2'],
  [['1', '--nmae', 'Shop'], '--nmae'],
] as const)('%j, where one word is due, is a sentence about it', ([words, sentence]) => {
  const reading = () => readWordAndOptions(words, 'ID', OPTIONS)
  expect(reading).toThrow(CommandError)
  expect(reading).toThrow(sentence)
})
