import { changesOf, type DescribedKey, type Placement } from '@rumen/db/regroup/pointer-changes'
import type { ProjectStanding } from '@rumen/db/regroup/read-standing'
import { wordsOf } from '../issue/named.ts'
import type { RegroupCounts } from './count-regrouped.ts'
import { unreadOf } from './placement.ts'

export interface PreviewPart {
  /** As people read it. */
  key: string
  title: string
  events: number
  /** Null: one that begins with it. */
  issue: string | null
}

/** What other rules would make of a project's issues: most events first. */
export interface Preview {
  events: number
  gone: number
  beyond: number
  /** Counted of these issues, and not looked at. */
  unread: number
  /** Keys with events: those that have a grouping already, and others. */
  keys: { known: number; novel: number }
  issues: { merged: number; split: number; unmerged: number; unchanged: number }
  merges: readonly { issue: string; title: string; events: number; into: string; into_events: number; key: string }[]
  splits: readonly { issue: string; title: string; events: number; parts: readonly PreviewPart[] }[]
  unmerges: readonly { issue: string; title: string; events: number; from: string }[]
  titles: readonly { issue: string; events: number; title: string; new_title: string }[]
}

interface Scene {
  counts: RegroupCounts
  standing: ProjectStanding
  placement: Placement
}

/** Events of an issue that get one key, and the issue that has it. */
interface Flow {
  issueId: number
  keyHash: string
  to: number | null
  events: number
}

export function previewOf(scene: Scene): Preview {
  const { counts, standing, placement } = scene
  const { events, gone, beyond } = counts
  const flows = flowsOf(scene)
  const byIssue = Map.groupBy(flows, ({ issueId }) => issueId)
  const known = new Set(standing.groupings.map(({ keyHash }) => keyHash))
  const novel = placement.keys.filter(({ keyHash }) => !known.has(keyHash)).length
  const [merges, splits] = [mergesOf(scene, byIssue), splitsOf(scene, byIssue)]
  const unmerges = unmergesOf(scene, flows)
  const changed = new Set([...merges, ...splits, ...unmerges].map(({ issue }) => issue))
  return {
    ...{ events, gone, beyond, unread: unreadOf(counts, standing) },
    keys: { known: placement.keys.length - novel, novel },
    issues: {
      merged: merges.length,
      split: splits.length,
      unmerged: unmerges.length,
      unchanged: [...byIssue.keys()].filter((id) => !changed.has(nameOf(scene, id))).length,
    },
    ...{ merges, splits, unmerges },
    titles: titlesOf(scene, flows),
  }
}

function flowsOf({ counts, standing, placement }: Scene): Flow[] {
  const issues = new Map(standing.groupings.map(({ id, issueId }) => [id, issueId]))
  const places = new Map(placement.keys.map(({ keyHash, issueId }) => [keyHash, issueId]))
  const flows = new Map<string, Flow>()
  for (const { groupingId, keyHash, events } of counts.regrouped) {
    const [issueId, to] = [issues.get(groupingId), places.get(keyHash)]
    if (issueId === undefined || to === undefined) continue
    const address = `${issueId} ${keyHash}`
    const flow = flows.get(address)
    if (flow) flow.events += events
    else flows.set(address, { issueId, keyHash, to, events })
  }
  return [...flows.values()].toSorted((a, b) => b.events - a.events || (a.keyHash < b.keyHash ? -1 : 1))
}

function mergesOf(scene: Scene, byIssue: ReadonlyMap<number, readonly Flow[]>): Preview['merges'] {
  return scene.placement.merged
    .map(({ issueId, into }) => {
      const flows = byIssue.get(issueId) ?? []
      const [most] = flows.filter(({ to }) => to === into)
      return {
        issue: nameOf(scene, issueId),
        title: titleOf(scene, issueId),
        events: sum(flows),
        into: nameOf(scene, into),
        into_events: sum(byIssue.get(into) ?? []),
        key: keyOf(scene, most?.keyHash).key,
      }
    })
    .toSorted(byEvents)
}

/** Issues of which some events go where the issue does not. */
function splitsOf(scene: Scene, byIssue: ReadonlyMap<number, readonly Flow[]>): Preview['splits'] {
  const into = new Map(scene.placement.merged.map((one) => [one.issueId, one.into]))
  return Array.from(byIssue)
    .filter(([issueId, flows]) => flows.some(({ to }) => to !== (into.get(issueId) ?? issueId)))
    .map(([issueId, flows]) => ({
      issue: nameOf(scene, issueId),
      title: titleOf(scene, issueId),
      events: sum(flows),
      parts: flows.map(({ keyHash, to, events }) => {
        const { key, title } = keyOf(scene, keyHash)
        return { key, title, events, issue: to === null ? null : nameOf(scene, to) }
      }),
    }))
    .toSorted(byEvents)
}

function unmergesOf(scene: Scene, flows: readonly Flow[]): Preview['unmerges'] {
  const { placement, standing } = scene
  return placement.unmerged
    .map((issueId) => ({
      issue: nameOf(scene, issueId),
      title: titleOf(scene, issueId),
      events: sum(flows.filter(({ to }) => to === issueId)),
      from: nameOf(scene, standing.issues.get(issueId)?.root ?? issueId),
    }))
    .toSorted(byEvents)
}

function titlesOf(scene: Scene, flows: readonly Flow[]): Preview['titles'] {
  const { placement, standing, counts } = scene
  return changesOf(placement, standing, counts.described)
    .titles.map(({ issueId, title }) => ({
      issue: nameOf(scene, issueId),
      events: sum(flows.filter(({ to }) => to === issueId)),
      title: titleOf(scene, issueId),
      new_title: title,
    }))
    .toSorted(byEvents)
}

function nameOf({ standing }: Scene, issueId: number): string {
  const issue = standing.issues.get(issueId)
  return issue === undefined ? '' : wordsOf(issue)
}

function titleOf({ standing }: Scene, issueId: number): string {
  return standing.issues.get(issueId)?.title ?? ''
}

function keyOf({ counts }: Scene, keyHash: string | undefined): Pick<DescribedKey, 'key' | 'title'> {
  return counts.described.get(keyHash ?? '') ?? { key: '', title: '' }
}

function sum(flows: readonly Flow[]): number {
  return flows.reduce((events, flow) => events + flow.events, 0)
}

function byEvents(a: { events: number; issue: string }, b: { events: number; issue: string }): number {
  return b.events - a.events || (a.issue < b.issue ? -1 : 1)
}
