import type { Settings } from '@rumen/config/read-settings'
import { unmuteIssue } from '@rumen/db/issue/unmute-issue'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

/** `rumen issue unmute ISSUE` */
export async function unmuteIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const name = readIssueName(readWordAndOptions(rest, 'ISSUE', {}).word)
  const unmuted = await withIssue(settings, name, (db, address) => unmuteIssue(db, { ...address, now: new Date() }))
  console.log(`${wordsOf(name)} ${unmuted === 'changed' ? 'is unresolved again' : 'was not muted'}.`)
}
