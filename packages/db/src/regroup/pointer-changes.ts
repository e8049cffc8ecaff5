import type { ProjectStanding } from './read-standing.ts'

/** Where a key belongs. */
export interface PlacedKey {
  /** In hexadecimal. */
  keyHash: string
  /** Null: an issue that begins with it. */
  issueId: number | null
  events: number
  /** The grouping whose issue goes on under this key; null: none, or the key keeps what it had. */
  heirOf: number | null
  /** The issue most of its events come from. */
  mostlyOf: number
}

/** Where the keys of a project's events belong, and what that makes of its issues. */
export interface Placement {
  keys: readonly PlacedKey[]
  merged: readonly { issueId: number; into: number }[]
  unmerged: readonly number[]
}

/** A key nobody has seen yet, with the issue its newest event describes. */
export interface DescribedKey {
  /** In hexadecimal. */
  keyHash: string
  mechanism: string
  key: string
  parts: unknown
  title: string
  culprit: string
  type: string | null
  value: string | null
  level: number
  seenAt: Date
  /** The title, where a rule of the project gave it. */
  ruleTitle: string | null
  /** Titles that rules no longer in force gave its events. */
  formerTitles: ReadonlySet<string>
}

/** A grouping that goes to another issue. */
export interface PointerChange {
  groupingId: number
  from: number
  /** An issue, or the hash of the key that one begins with. */
  to: number | string
}

/** A grouping that goes on with what another one began; null: with nothing. */
export interface Inheritance {
  groupingId: number
  heirOf: number | null
}

/** What a placement changes, before anything has an id. */
export interface PointerChanges {
  pointers: readonly PointerChange[]
  /** Keys without a grouping. */
  novel: readonly PlacedKey[]
  /** Keys that begin an issue, with a grouping or without. */
  begins: readonly PlacedKey[]
  inherits: readonly Inheritance[]
  titles: readonly { issueId: number; title: string }[]
}

export function changesOf(
  placement: Placement,
  standing: ProjectStanding,
  described: ReadonlyMap<string, DescribedKey>,
): PointerChanges {
  const { keys } = placement
  const byHash = new Map(standing.groupings.map((one) => [one.keyHash, one]))
  return {
    pointers: pointersOf(placement, standing),
    novel: keys.filter(({ keyHash }) => !byHash.has(keyHash)),
    begins: keys.filter(({ issueId }) => issueId === null),
    inherits: keys.flatMap(({ keyHash, issueId, heirOf }) => {
      const grouping = byHash.get(keyHash)
      return grouping === undefined || (issueId !== null && heirOf === null)
        ? []
        : [{ groupingId: grouping.id, heirOf }]
    }),
    titles: titlesOf(keys, standing, described),
  }
}

/** A key goes to its issue; every other grouping goes where its issue goes. */
function pointersOf({ keys, merged, unmerged }: Placement, { groupings }: ProjectStanding): PointerChange[] {
  const places = new Map(keys.map(({ keyHash, issueId }) => [keyHash, issueId ?? keyHash]))
  const alone = new Set(unmerged)
  const into = new Map(merged.map((one) => [one.issueId, one.into]))
  return groupings.flatMap(({ id, keyHash, issueId, pointsAt }) => {
    const follows = alone.has(issueId) ? issueId : (into.get(pointsAt) ?? pointsAt)
    const to = places.get(keyHash) ?? follows
    return to === pointsAt ? [] : [{ groupingId: id, from: pointsAt, to }]
  })
}

/**
 * An issue is called as a rule says of the key that most of its events have. If none says anything, one that is still called
 * as a former rule said is called after the newest event of that key.
 */
function titlesOf(
  keys: readonly PlacedKey[],
  { issues }: ProjectStanding,
  described: ReadonlyMap<string, DescribedKey>,
): PointerChanges['titles'] {
  const byIssue = Map.groupBy(keys, ({ issueId }) => issueId)
  return Array.from(byIssue).flatMap(([issueId, ofIssue]) => {
    const [most] = ofIssue.toSorted((a, b) => b.events - a.events || (a.keyHash < b.keyHash ? -1 : 1))
    const [issue, key] = [issues.get(issueId ?? 0), described.get(most?.keyHash ?? '')]
    if (issueId === null || issue === undefined || key === undefined) return []
    const isFormer = ofIssue.some(({ keyHash }) => described.get(keyHash)?.formerTitles.has(issue.title))
    const title = key.ruleTitle ?? (isFormer ? key.title : issue.title)
    return title === issue.title ? [] : [{ issueId, title }]
  })
}
