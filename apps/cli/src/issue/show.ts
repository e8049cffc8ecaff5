import type { Settings } from '@rumen/config/read-settings'
import { describeIssue, type IssueDescription } from '@rumen/db/issue/describe-issue'
import { findSurvivor } from '@rumen/db/issue/find-survivor'
import { LEVELS } from '@rumen/protocol/event'
import { onOneLine } from '../on-one-line.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

/** As many as fit a screen; --json has all. */
const GROUPINGS_MAX = 20
const KEY_CHARS_MAX = 100

/** `rumen issue show ISSUE [--json]`: of one that is merged, the issue it leads to. */
export async function showIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ISSUE', { json: { type: 'boolean' } })
  const name = readIssueName(word)
  const { shown, number } = await withIssue(settings, name, async (db, address) => {
    const survivor = await findSurvivor(db, address)
    const description = survivor && (await describeIssue(db, { ...address, issueId: survivor.issueId }))
    if (!description) return 'unknown_issue'
    return { shown: inJson(name.slug, description), number: survivor.number }
  })
  if (options.json) return console.log(JSON.stringify(shown))
  if (number !== name.number) console.log(`${wordsOf(name)} is merged into ${wordsOf({ ...name, number })}:`)
  console.log(inWords(shown))
}

type Shown = ReturnType<typeof inJson>

function inJson(slug: string, { issue, merged, tags, groupings, activity }: IssueDescription) {
  return {
    issue: wordsOf({ slug, number: issue.number }),
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
    merged: merged.map((number) => wordsOf({ slug, number })),
    tags: tags.map(({ key, value, eventCount }) => ({ key, value, event_count: eventCount })),
    groupings,
    activity,
  }
}

function inWords(shown: Shown): string {
  const { merged, groupings } = shown
  const lines = [
    [shown.issue, shown.title],
    ['culprit', shown.culprit],
    ['status', statusInWords(shown)],
    ['level', shown.level],
    ['events', String(shown.event_count)],
    ['users', String(shown.user_count)],
    ['first seen', momentInWords(shown.first_seen, shown.first_release)],
    ['last seen', momentInWords(shown.last_seen, shown.last_release)],
    ...(merged.length === 0 ? [] : [['merged', merged.join(', ')]]),
    ...shown.tags.map(({ key, value, event_count }) => [`tag ${key}`, `${value} (${event_count})`]),
    ...groupings.slice(0, GROUPINGS_MAX).map((one) => [`grouping ${one.id}`, ...groupingInWords(one)]),
    ...(groupings.length > GROUPINGS_MAX ? [['groupings', `${groupings.length} in all: --json has them`]] : []),
    ...shown.activity.map(({ kind, at, data }) => [at.toISOString(), `${kind} ${JSON.stringify(data)}`]),
  ]
  return lines.map((line) => line.map(onOneLine).join('\t')).join('\n')
}

function groupingInWords({ event_count, first_seen, last_seen, mechanism, key }: Shown['groupings'][number]): string[] {
  const moments = [first_seen, last_seen].map((at) => at?.toISOString() ?? 'never')
  return [`${event_count} events`, `${moments.join(' to ')}`, mechanism, cut(onOneLine(key))]
}

/** Between code points, so that no half of a surrogate pair is left. */
function cut(text: string): string {
  const chars = Array.from(text)
  return chars.length <= KEY_CHARS_MAX ? text : `${chars.slice(0, KEY_CHARS_MAX - 1).join('')}…`
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
