import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import { RulesError, type RulesFault } from '@rumen/grouping/rules/rules-error'
import { errorText } from '@rumen/telemetry/error-text'
import { CommandError } from '../command-error.ts'
import { onOneLine } from '../on-one-line.ts'

/** What stands for a file's name where it is standard input. */
const STDIN = '-'

/**
 * The rules in a file, or on standard input for `-`, as they are written. Every fault goes to standard error as `FILE:3: …`,
 * and a CommandError says how many there were.
 */
export async function readRules(file: string): Promise<string> {
  const text = decodeText(file, file === STDIN ? await buffer(process.stdin) : await readInput(file))
  const faults = findFaults(text)
  if (faults.length === 0) return text
  for (const { line, message } of faults) {
    console.error(onOneLine(`${file}:${line}: ${message.replace(/^line \d+: /, '')}`))
  }
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  throw new CommandError(`${file} has ${count}: the rules cannot be used`)
}

/** The bytes of a file that the person at the prompt named. */
export async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${errorText(error)}`)
  }
}

function decodeText(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CommandError(`${file} is no text in UTF-8`)
  }
}

function findFaults(text: string): readonly RulesFault[] {
  const nul = text.indexOf('\u0000')
  // No column of PostgreSQL holds it.
  if (nul !== -1) return [{ line: text.slice(0, nul).split('\n').length, message: 'there is a NUL character' }]
  try {
    parseRules(text)
    return []
  } catch (error) {
    if (error instanceof RulesError) return error.faults
    throw error
  }
}
