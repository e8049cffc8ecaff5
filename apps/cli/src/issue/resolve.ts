import type { Settings } from '@rumen/config/read-settings'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { normaliseRelease } from '@rumen/protocol/normalise-release'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

/** `rumen issue resolve ISSUE [--in RELEASE]` */
export async function resolveIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ISSUE', { in: { type: 'string' } })
  const name = readIssueName(word)
  const inRelease = options.in === undefined ? null : readRelease(options.in)
  const resolved = await withIssue(settings, name, (db, address) =>
    resolveIssue(db, { ...address, inRelease, now: new Date() }),
  )
  const where = inRelease === null ? '' : ` in ${inRelease}`
  console.log(`${wordsOf(name)} ${resolved === 'changed' ? 'is' : 'was already'} resolved${where}.`)
}

/** In the form that releases of events are kept in, else it would be none of theirs. */
function readRelease(text: string): string {
  const release = normaliseRelease(text)
  if (release === null) throw new CommandError(`no release can be called that: ${text}`)
  return release
}
