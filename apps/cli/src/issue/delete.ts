import type { Settings } from '@rumen/config/read-settings'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

/** `rumen issue delete ISSUE --yes` */
export async function deleteIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ISSUE', { yes: { type: 'boolean' } })
  const name = readIssueName(word)
  if (!options.yes) throw new CommandError('its reports and counts go with it for good: add --yes if that is meant')
  await withIssue(settings, name, deleteIssue)
  console.log(`${wordsOf(name)} is deleted. When it happens again, it is a new issue.`)
}
