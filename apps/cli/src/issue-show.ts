import type { Settings } from '@rumen/config/read-settings'
import { describeIssue, type IssueDescription } from '@rumen/db/issue/describe-issue'
import { LEVELS } from '@rumen/protocol/event'
import { readIssueName, withIssue, wordsOf } from './issue-named.ts'
import { onOneLine } from './on-one-line.ts'
import { readWordAndOptions } from './read-options.ts'

/** `rumen issue show ISSUE [--json]` */
export async function showIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ISSUE', { json: { type: 'boolean' } })
  const name = readIssueName(word)
  const description = await withIssue(
    settings,
    name,
    async (db, address) => (await describeIssue(db, address)) ?? 'unknown_issue',
  )
  const shown = inJson(wordsOf(name), description)
  console.log(options.json ? JSON.stringify(shown) : inWords(shown))
}

type Shown = ReturnType<typeof inJson>

function inJson(name: string, { issue, tags, activity }: IssueDescription) {
  return {
    issue: name,
    title: issue.title,
    culprit: issue.culprit,
    status: issue.status,
    resolved_in_release: issue.resolved_in_release,
    muted_until: issue.muted_until,
    muted_until_count: issue.muted_until_count,
    level: LEVELS[issue.level] ?? 'error',
    event_count: issue.event_count,
    user_count: issue.user_count,
    first_seen: issue.first_seen,
    first_release: issue.first_release,
    last_seen: issue.last_seen,
    last_release: issue.last_release,
    tags: tags.map(({ key, value, eventCount }) => ({ key, value, event_count: eventCount })),
    activity,
  }
}

function inWords(shown: Shown): string {
  const lines = [
    [shown.issue, shown.title],
    ['culprit', shown.culprit],
    ['status', statusInWords(shown)],
    ['level', shown.level],
    ['events', String(shown.event_count)],
    ['users', String(shown.user_count)],
    ['first seen', momentInWords(shown.first_seen, shown.first_release)],
    ['last seen', momentInWords(shown.last_seen, shown.last_release)],
    ...shown.tags.map(({ key, value, event_count }) => [`tag ${key}`, `${value} (${event_count})`]),
    ...shown.activity.map(({ kind, at, data }) => [at.toISOString(), `${kind} ${JSON.stringify(data)}`]),
  ]
  return lines.map((line) => line.map(onOneLine).join('\t')).join('\n')
}

function statusInWords({ status, resolved_in_release, muted_until, muted_until_count }: Shown): string {
  return [
    status,
    ...(resolved_in_release === null ? [] : [`in ${resolved_in_release}`]),
    ...(muted_until === null ? [] : [`until ${muted_until.toISOString()}`]),
    ...(muted_until_count === null ? [] : [`until event ${muted_until_count}`]),
  ].join(' ')
}

function momentInWords(at: Date, release: string | null): string {
  return release === null ? at.toISOString() : `${at.toISOString()} in ${release}`
}
