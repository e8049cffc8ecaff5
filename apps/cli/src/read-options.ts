import { type ParseArgsConfig, parseArgs } from 'node:util'
import { CommandError } from './command-error.ts'

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

/** The options of a command; an unknown one, or one without its value, is a sentence instead of a stack. */
export function readOptions<const Options extends OptionsConfig>(rest: readonly string[], options: Options) {
  const { values, positionals } = parse(rest, options)
  refuse(positionals)
  return values
}

/** The same for a command that is about one thing, named by a word of its own: `key revoke KEY`. */
export function readWordAndOptions<const Options extends OptionsConfig>(
  rest: readonly string[],
  name: string,
  options: Options,
) {
  const { words, options: values } = readWordsAndOptions(rest, [name], options)
  return { word: words[0] ?? '', options: values }
}

/** The same with several words, each of them named: `attachment get EVENT_ID NAME`. */
export function readWordsAndOptions<const Options extends OptionsConfig>(
  rest: readonly string[],
  names: readonly string[],
  options: Options,
) {
  const { values, positionals } = parse(rest, options)
  const missing = names[positionals.length]
  if (missing !== undefined) throw new CommandError(`${missing} is missing`)
  refuse(positionals.slice(names.length))
  return { words: positionals, options: values }
}

/** The same for a command that takes any number of words. */
export function readAllWords<const Options extends OptionsConfig>(rest: readonly string[], options: Options) {
  const { values, positionals } = parse(rest, options)
  return { words: positionals, options: values }
}

function parse<const Options extends OptionsConfig>(rest: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...rest], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}

function refuse(words: readonly string[]): void {
  const [word] = words
  if (word !== undefined) throw new CommandError(`unexpected argument: ${word}`)
}
