import { readWordAndOptions } from '../read-options.ts'
import { readRules } from './rules.ts'

/** `rumen group check FILE`: every fault of the rules in a file, or that there is none. */
export async function checkRulesCommand(rest: readonly string[]): Promise<void> {
  const { word } = readWordAndOptions(rest, 'FILE', {})
  await readRules(word)
  console.log(`${word} has no faults.`)
}
