import { type ParseArgsConfig, parseArgs } from 'node:util'
import { CommandError } from './command-error.ts'

/** The options of a command; an unknown one, or one without its value, is a sentence instead of a stack. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  rest: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...rest], options, allowPositionals: false, strict: true }).values
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}
