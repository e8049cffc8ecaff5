import type { Settings } from '@rumen/config/read-settings'
import { type IssueUnmerged, unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'
import { addressOf, type IssueName, readIssueName, wordsOf } from './named.ts'

/** `rumen issue unmerge ISSUE` */
export async function unmergeIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const name = readIssueName(readWordAndOptions(rest, 'ISSUE', {}).word)
  const unmerged = await withDatabase(settings, async (db) =>
    unmergeIssue(db, { ...(await addressOf(db, name)), now: new Date() }),
  )
  if (unmerged.outcome !== 'unmerged') throw new CommandError(refusalOf(unmerged, name))
  console.log(
    `${wordsOf(name)} is by itself again, no part of ${wordsOf({ ...name, number: unmerged.from })} any more.`,
  )
}

function refusalOf(refused: Exclude<IssueUnmerged, { outcome: 'unmerged' }>, name: IssueName): string {
  const what = wordsOf(name)
  switch (refused.outcome) {
    case 'unknown_issue':
      return `there is no issue ${what}`
    case 'deleting':
      return `${what} is being deleted`
    case 'not_merged':
      return `${what} is not merged into another issue`
    default:
      return leftWithoutEvents(refused.outcome, what, wordsOf({ ...name, number: refused.into }))
  }
}

function leftWithoutEvents(outcome: 'nothing_left' | 'no_events' | 'nothing_would_stay', what: string, into: string) {
  switch (outcome) {
    case 'nothing_left':
      return `nothing of ${what} is left in ${into}`
    case 'no_events':
      return (
        `${what} would have no events: they were split off, or rules have grouped them with others of ${into} since. ` +
        '`rumen group undo` and `rumen ruminate` take rules back, `rumen issue split` makes an issue of a grouping'
      )
    case 'nothing_would_stay':
      return (
        `nothing would be left of ${into}: merge what was split off it back first, or take rules that grouped the two ` +
        'together back with `rumen group undo` and `rumen ruminate`'
      )
  }
}
