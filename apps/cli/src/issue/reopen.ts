import type { Settings } from '@rumen/config/read-settings'
import { reopenIssue } from '@rumen/db/issue/reopen-issue'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

/** `rumen issue reopen ISSUE` */
export async function reopenIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const name = readIssueName(readWordAndOptions(rest, 'ISSUE', {}).word)
  const reopened = await withIssue(settings, name, (db, address) => reopenIssue(db, { ...address, now: new Date() }))
  console.log(`${wordsOf(name)} ${reopened === 'changed' ? 'is unresolved again' : 'was not resolved'}.`)
}
