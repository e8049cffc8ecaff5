import type { LabelledSet } from './labelled-set.ts'
import { METHODS, type MethodName } from './methods.ts'
import { membersOf, type Partition } from './partition.ts'

const KEY_CHARS_MAX = 200

export interface Mistakes {
  /** Bugs that became more than one issue. */
  split: readonly { cluster: string; issues: readonly { key: string; abouts: readonly string[] }[] }[]
  /** Issues that hold more than one bug. */
  merged: readonly { key: string; clusters: readonly { cluster: string; eventsCount: number }[] }[]
}

/** Where a method's issues differ from the bugs. */
export function findMistakes(set: LabelledSet, method: MethodName, issues: Partition): Mistakes {
  const keys = set.events.map((event) => METHODS[method].keyOf(event))
  const nameOf = (at: number) => set.clusters[set.bugs[at] ?? 0]?.name ?? ''
  const split = membersOf(set.bugs).flatMap((events) => {
    const parts = [...Map.groupBy(events, (at) => issues[at]).values()]
    if (parts.length < 2) return []
    const shown = parts.map((part) => ({ key: show(keys, part), abouts: part.map((at) => set.abouts[at] ?? '') }))
    return [{ cluster: nameOf(events[0] ?? 0), issues: shown }]
  })
  const merged = membersOf(issues).flatMap((events) => {
    const parts = [...Map.groupBy(events, nameOf)]
    if (parts.length < 2) return []
    return [
      { key: show(keys, events), clusters: parts.map(([cluster, { length }]) => ({ cluster, eventsCount: length })) },
    ]
  })
  return { split, merged }
}

function show(keys: readonly string[], [first = 0]: readonly number[]): string {
  const key = (keys[first] ?? '').replaceAll('\n', ' ↵ ')
  const chars = Array.from(key)
  return chars.length <= KEY_CHARS_MAX ? key : `${chars.slice(0, KEY_CHARS_MAX - 1).join('')}…`
}

/** For somebody who works on the rules: what is split first, then what is merged. */
export function formatMistakes(method: MethodName, { split, merged }: Mistakes): string {
  const ofSplit = split.map(({ cluster, issues }) =>
    [
      `${cluster} is ${issues.length} issues`,
      ...issues.flatMap(({ key, abouts }) => [`  ${key}`, ...abouts.map((about) => `    - ${about}`)]),
    ].join('\n'),
  )
  const ofMerged = merged.map(({ key, clusters }) =>
    [`  ${key}`, ...clusters.map(({ cluster, eventsCount }) => `    - ${cluster} (${eventsCount})`)].join('\n'),
  )
  return [
    `${method} splits ${split.length} bugs`,
    ...ofSplit,
    `${method} merges bugs in ${merged.length} issues`,
    ...ofMerged,
  ].join('\n\n')
}
