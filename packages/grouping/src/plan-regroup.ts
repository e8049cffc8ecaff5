/** Events of one grouping to which other rules give one key. */
export interface Regrouped {
  groupingId: number
  /** Of the key by those rules, in hexadecimal. */
  keyHash: string
  events: number
}

/** A grouping of an issue that takes part. */
export interface StandingGrouping {
  id: number
  keyHash: string
  /** The issue it belongs to. Of one that rules no longer in force have merged: the one it came with. */
  issueId: number
  /** All that were ever counted. */
  events: number
  /** The grouping whose issue its key took over, for one event; nobody has looked at the others yet. Null: it took none. */
  adoptedFrom: number | null
  /** An earlier run under the same rules has split it off: that is decided. */
  isSplitOff: boolean
}

export interface Standing {
  groupings: readonly StandingGrouping[]
  /** Issues that rules no longer in force have merged into another one. They are their own again if a key leads there. */
  mergedIssueIds: ReadonlySet<number>
}

/** Where a key belongs. */
export interface PlannedKey {
  keyHash: string
  /** Null: an issue that begins with it. */
  issueId: number | null
  /** Those that get the key, whatever they had before. */
  events: number
  /** The grouping whose issue goes on under this key; null for a key that keeps what it had, or begins an issue. */
  heirOf: number | null
  /** The issue most of its events come from. */
  mostlyOf: number
}

export interface RegroupPlan {
  /** Every key that has events, in the order of their hashes. */
  keys: readonly PlannedKey[]
  /** Issues that are left without a key, and the one that got most of their events. */
  merged: readonly { issueId: number; into: number }[]
  /** Issues that were merged and have a key of their own again. */
  unmerged: readonly number[]
}

/**
 * What becomes of a project's issues under other rules. The same for the same numbers, in whatever order they come.
 *
 * - A grouping hands its issue to the key that most of its events get; to its own, if some keep that.
 * - A key takes the issue that brings it most events of those handed to it, the older one of two. If none is handed to it, it
 *   begins an issue: that is a split. A key that was there keeps its issue, whatever is handed to it.
 * - An issue that no key has any more goes into the one that got most of its events: that is a merge. It stays where
 *   more is counted than was looked at: a thousand events do not go where one of them does.
 */
export function planRegroup(regrouped: readonly Regrouped[], standing: Standing): RegroupPlan {
  const scene = readScene(regrouped, standing)
  const placed = placeKeys(scene)
  const merged = mergeLost(scene, placed)
  const keys = [...placed.values()].toSorted(byHash)
  const used = new Set(keys.map((key) => key.issueId))
  return { keys, merged, unmerged: ascending([...standing.mergedIssueIds].filter((id) => used.has(id))) }
}

/** What is looked up again and again. */
interface Scene {
  standing: Standing
  byHash: ReadonlyMap<string, StandingGrouping>
  /** Of each key, from which groupings its events come. */
  byKey: ReadonlyMap<string, readonly Flow[]>
  /** Of each grouping, which keys its events get. */
  byGrouping: ReadonlyMap<number, readonly Flow[]>
  /** Of each issue, by its groupings. */
  byIssue: ReadonlyMap<number, readonly Flow[]>
}

interface Flow {
  from: StandingGrouping
  keyHash: string
  events: number
}

function readScene(regrouped: readonly Regrouped[], standing: Standing): Scene {
  const byId = new Map(standing.groupings.map((one) => [one.id, one]))
  const flows = regrouped.flatMap(({ groupingId, keyHash, events }): Flow[] => {
    const from = byId.get(groupingId)
    return from === undefined || events <= 0 ? [] : [{ from, keyHash, events }]
  })
  return {
    standing,
    byHash: new Map(standing.groupings.map((one) => [one.keyHash, one])),
    byKey: Map.groupBy(flows, ({ keyHash }) => keyHash),
    byGrouping: Map.groupBy(flows, ({ from }) => from.id),
    byIssue: Map.groupBy(flows, ({ from }) => from.issueId),
  }
}

type PlacedKeys = Map<string, PlannedKey>

function placeKeys(scene: Scene): PlacedKeys {
  const heirs = new Map(scene.byGrouping.values().flatMap((flows) => handOver(scene, flows)))
  const passed = heirs.values().filter(({ from, keyHash }) => from.keyHash !== keyHash)
  const handed = Map.groupBy(passed, ({ keyHash }) => keyHash)
  const placed: PlacedKeys = new Map()
  for (const [keyHash, flows] of scene.byKey) {
    const known = scene.byHash.get(keyHash)
    // Adopted, and where it was adopted from nobody hands anything to anyone any more: that was decided before.
    const isOpen = known === undefined || (known.adoptedFrom !== null && heirs.has(known.adoptedFrom))
    const place = isOpen ? inherit(handed.get(keyHash) ?? []) : { issueId: known.issueId, heirOf: null }
    placed.set(keyHash, { keyHash, events: sum(flows), mostlyOf: mostOf(flows, issueOf), ...place })
  }
  return placed
}

/** A grouping and the flow along which its issue goes: to its own key, where some of its events keep that. */
function handOver({ byHash }: Scene, flows: readonly Flow[]): readonly (readonly [id: number, heir: Flow])[] {
  const own = flows.find(({ from, keyHash }) => from.keyHash === keyHash)
  const heirs = flows.filter(({ keyHash }) => byHash.get(keyHash)?.isSplitOff !== true)
  const [most] = heirs.toSorted((a, b) => b.events - a.events || compare(a.keyHash, b.keyHash))
  const heir = own ?? most
  return heir === undefined ? [] : [[heir.from.id, heir]]
}

/** Of the issues handed to a key the one that most events come from. */
function inherit(handed: readonly Flow[]): Pick<PlannedKey, 'issueId' | 'heirOf'> {
  if (handed.length === 0) return { issueId: null, heirOf: null }
  const issueId = mostOf(handed, issueOf)
  const ofIssue = handed.filter(({ from }) => from.issueId === issueId)
  return { issueId, heirOf: mostOf(ofIssue, ({ from }) => from.id) }
}

/** Finds a place for the issues without a key. Changes `placed` where one goes on as an issue that would begin otherwise. */
function mergeLost(scene: Scene, placed: PlacedKeys): RegroupPlan['merged'] {
  const claims = lostIssues(scene, placed).flatMap((issueId) => claimOf(scene, placed, issueId))
  for (const [keyHash, ofKey] of Map.groupBy(claims, (claim) => claim.keyHash)) {
    const key = placed.get(keyHash)
    const [winner] = ofKey.toSorted((a, b) => b.events - a.events || a.issueId - b.issueId)
    if (key === undefined || winner === undefined) continue
    const handed = flowsOf(scene, winner.issueId).filter((flow) => flow.keyHash === keyHash)
    placed.set(keyHash, { ...key, ...inherit(handed) })
  }
  const staying = unreadIssues(scene, placed)
  const going = lostIssues(scene, placed).filter((issueId) => !staying.has(issueId))
  return going.flatMap((issueId) => {
    const known = flowsOf(scene, issueId).flatMap((flow) => {
      const into = placed.get(flow.keyHash)?.issueId ?? null
      return into === null ? [] : [{ ...flow, into }]
    })
    return known.length === 0 ? [] : [{ issueId, into: mostOf(known, ({ into }) => into) }]
  })
}

/** Issues whose groupings all pass their events on, and that no key leads to. */
function lostIssues({ standing, byGrouping, byIssue }: Scene, placed: PlacedKeys): number[] {
  const staying = new Set<number | null>(standing.mergedIssueIds)
  for (const { issueId } of placed.values()) staying.add(issueId)
  for (const { id, keyHash, events, issueId } of standing.groupings) {
    if (events > 0 && !byGrouping.has(id) && !placed.has(keyHash)) staying.add(issueId)
  }
  return ascending([...byIssue.keys()].filter((id) => !staying.has(id)))
}

/** Issues with groupings that have more events than were read of them. Those of placed keys get more all the time. */
function unreadIssues({ standing, byGrouping }: Scene, placed: PlacedKeys): ReadonlySet<number> {
  const unread = standing.groupings.filter(({ id, keyHash, events }) => {
    return !placed.has(keyHash) && events > sum(byGrouping.get(id) ?? [])
  })
  return new Set(unread.map(({ issueId }) => issueId))
}

interface Claim {
  issueId: number
  keyHash: string
  events: number
}

/** The key without an issue that most events of an issue get, where no issue gets as many: the number rather goes on there. */
function claimOf(scene: Scene, placed: PlacedKeys, issueId: number): readonly Claim[] {
  const flows = flowsOf(scene, issueId)
  const novel = flows.filter(({ keyHash }) => placed.get(keyHash)?.issueId === null)
  const known = flows.filter(({ keyHash }) => placed.get(keyHash)?.issueId !== null)
  if (novel.length === 0) return []
  const keyHash = mostOf(novel, (flow) => flow.keyHash)
  const events = sum(novel.filter((flow) => flow.keyHash === keyHash))
  const byPlace = Map.groupBy(known, (flow) => placed.get(flow.keyHash)?.issueId)
  return byPlace.values().some((ofPlace) => sum(ofPlace) >= events) ? [] : [{ issueId, keyHash, events }]
}

function flowsOf({ byIssue }: Scene, issueId: number): readonly Flow[] {
  return byIssue.get(issueId) ?? []
}

function issueOf({ from }: Flow): number {
  return from.issueId
}

/** What most events belong to; of two with as many the smaller, which is the older of two issues. */
function mostOf<Name extends number | string, Of extends Flow>(flows: readonly Of[], nameOf: (flow: Of) => Name): Name {
  const sums = Array.from(Map.groupBy(flows, nameOf), ([name, ofName]) => ({ name, events: sum(ofName) }))
  const [most] = sums.toSorted((a, b) => b.events - a.events || compare(a.name, b.name))
  if (most === undefined) throw new Error('there is no most of nothing')
  return most.name
}

function sum(flows: readonly Flow[]): number {
  return flows.reduce((events, flow) => events + flow.events, 0)
}

function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b)
}

function byHash(a: PlannedKey, b: PlannedKey): number {
  return compare(a.keyHash, b.keyHash)
}

function compare<Name extends number | string>(a: Name, b: Name): number {
  return a < b ? -1 : a > b ? 1 : 0
}
