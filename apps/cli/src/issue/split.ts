import type { Settings } from '@rumen/config/read-settings'
import { type IssueSplit, splitIssue } from '@rumen/db/issue/split-issue'
import { CommandError } from '../command-error.ts'
import { readAllWords } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'
import { refusalOf } from './merge.ts'
import { addressOf, type IssueName, readIssueName, wordsOf } from './named.ts'

/** `rumen issue split ISSUE GROUPING…` */
export async function splitIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { words } = readAllWords(rest, {})
  const [issue, ...groupings] = words
  if (issue === undefined) throw new CommandError('ISSUE is missing')
  if (groupings.length === 0) throw new CommandError('GROUPING is missing: `rumen issue show` lists them')
  const name = readIssueName(issue)
  const groupingIds = groupings.map(readGroupingId)
  const split = await withDatabase(settings, async (db) =>
    splitIssue(db, { ...(await addressOf(db, name)), groupingIds, now: new Date() }),
  )
  if (split.outcome !== 'split') throw new CommandError(sentenceOf(split, name))
  const what = groupingIds.length === 1 ? 'the grouping is' : 'the groupings are'
  console.log(`${what} split off ${wordsOf(name)} as ${wordsOf({ ...name, number: split.number })}.`)
}

function readGroupingId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CommandError(`not a grouping's number: ${text}`)
  return Number(text)
}

function sentenceOf(refused: Exclude<IssueSplit, { outcome: 'split' }>, name: IssueName): string {
  switch (refused.outcome) {
    case 'no_grouping':
      return 'GROUPING is missing: `rumen issue show` lists them'
    case 'unknown_grouping':
      return `${wordsOf(name)} has no grouping ${refused.groupingId}`
    case 'no_events':
      return `nothing to split off ${wordsOf(name)}: what is named has no events`
    case 'all_groupings':
      return `nothing would be left of ${wordsOf(name)}: leave it a grouping that has events`
    default:
      return refusalOf(refused, name)
  }
}
