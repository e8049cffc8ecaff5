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
  const { values, positionals } = parse(rest, options)
  const [word, ...more] = positionals
  if (word === undefined) throw new CommandError(`${name} is missing`)
  refuse(more)
  return { word, options: values }
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
